import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { serverToml, startTslb, type Tslb } from '../helpers/processes/cli.ts';
import { answerOf, listed, startNamed } from '../helpers/sockets/traffic.ts';

const API = `[api]
enabled = true
bind = "127.0.0.1:0"
[api.basic_auth]
login = "admin"
password = 'back\\slash "quoted" ☂'
`;
const AUTHORIZATION = `Basic ${Buffer.from('admin:back\\slash "quoted" ☂').toString('base64')}`;

/** A probe whose escapes gobetween would dump in a form that it does not take again. */
const CHECKED = `[servers."it's \\"mine\\", 10.0"]
bind = "127.0.0.3:0"
backend_connection_timeout = "1.50s"
retries = 1
[servers."it's \\"mine\\", 10.0".discovery]
kind = "static"
static_list = ["[::1]:1  weight=2"]
[servers."it's \\"mine\\", 10.0".healthcheck]
kind = "probe"
interval = "1h"
probe_protocol = "tcp"
probe_send = 'PING\\r\\n\\x00'
probe_recv = '\\xff\\"'
`;

class Api {
  readonly #base: string;

  constructor(running: Tslb) {
    const line = running.lines.find((each) => each.includes('(api): service listening address='));
    this.#base = `http://${/address=(\S+)$/.exec(line ?? '')?.[1]}`;
  }

  async get(path: string): Promise<string> {
    const response = await fetch(this.#base + path, { headers: { authorization: AUTHORIZATION } });
    assert.equal(response.status, 200);
    return response.text();
  }

  async post(path: string, body: unknown): Promise<void> {
    const headers = { authorization: AUTHORIZATION };
    const response = await fetch(this.#base + path, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(response.status, 200, await response.text());
  }
}

async function startWithApi(t: TestContext, config: string, fileName: string) {
  const running = await startTslb(t, config, { fileName });
  return { running, api: new Api(running) };
}

for (const [format, fileName] of [
  ['toml', 'dump.toml'],
  ['json', 'dump.json'],
] as const) {
  test(`a dump in ${format} starts the same balancer, servers of the API included`, async (t) => {
    const backend = listed(await startNamed(t, 'A'));
    const { api } = await startWithApi(t, API + CHECKED + serverToml('web', [backend]), 'tslb.toml');
    await api.post('/servers/posted <b>', {
      bind: '127.0.0.2:0',
      sni: null,
      balance: '',
      access: { rules: ['allow 127.0.0.0/8'], default: 'deny' },
      discovery: { kind: 'static', static_list: [backend], interval: '' },
    });

    const dump = await api.get(`/dump?format=${format}&secrets=true`);
    const second = await startWithApi(t, dump, fileName);
    assert.equal(await second.api.get('/servers'), await api.get('/servers'));
    assert.equal(await second.api.get(`/dump?format=${format}&secrets=true`), dump);
    assert.equal(await answerOf(second.running.at('web')), 'A');
    assert.ok(!second.running.has(/\[WARN/), second.running.lines.join('\n'));
  });
}
