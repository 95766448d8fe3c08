import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';

import { toolPath } from '../../scripts/bench/tools.ts';
import { pageUrl } from '../helpers/browser/stats-page-visit.ts';
import { serverToml, startTslb, temporaryFile } from '../helpers/processes/cli.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { startBackend, type TestBackend } from '../helpers/sockets/backends.ts';
import { answerOf, freePort, listed, startNamed } from '../helpers/sockets/traffic.ts';
import { type Csv, parseCsv } from '../helpers/texts/haproxy-csv.ts';

const CLIENTS = 7;

/** Figures of a load that both have had, in columns that tools read. */
const COMPARED = [
  'scur',
  'stot',
  'bin',
  'bout',
  'econ',
  'dcon',
  'status',
  'weight',
  'act',
  'bck',
  'slim',
  'type',
  'mode',
];

interface Balancer {
  readonly csv: () => Promise<Csv>;
  readonly port: number;
}

async function startHaproxy(t: TestContext, [a, b]: readonly TestBackend[]): Promise<Balancer> {
  const [port, statsPort] = [await freePort(), await freePort()];
  const config = temporaryFile(
    t,
    'haproxy.cfg',
    `defaults
  mode tcp
  timeout connect 2s
  timeout client 20s
  timeout server 20s
frontend web
  bind 127.0.0.1:${port}
  maxconn 40
  default_backend web
backend web
  server ${listed(a!)} ${listed(a!)} weight 2 maxconn 5
  server ${listed(b!)} ${listed(b!)} disabled
frontend page
  mode http
  bind 127.0.0.1:${statsPort}
  stats enable
  stats uri /stats
`,
  );
  const child = spawn(toolPath('haproxy') ?? 'haproxy', ['-f', config, '-db', '-q'], { stdio: 'inherit' });
  t.after(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const url = `http://127.0.0.1:${statsPort}/stats;csv`;
  while ((await fetch(url).catch(() => undefined))?.status !== 200);
  return { port, csv: async () => parseCsv(await (await fetch(url)).text()) };
}

async function startOurs(t: TestContext, [a, b]: readonly TestBackend[]): Promise<Balancer> {
  const list = [`${listed(a!)} weight=2 max_connections=5`, `${listed(b!)} state=disabled`];
  const page = '[stats]\nenabled = true\nbind = "127.0.0.1:0"\n';
  const running = await startTslb(t, page + serverToml('web', list, { max_connections: 40 }));
  const url = `${pageUrl(running)};csv`;
  return { port: running.at('web').port, csv: async () => parseCsv(await (await fetch(url)).text()) };
}

/** Once the last client is counted as gone, who may have seen the end before the balancer has. */
async function whenIdle({ csv }: Balancer): Promise<Csv> {
  for (;;) {
    const table = await csv();
    if (linesOf(table).every(({ scur }) => scur === '0')) return table;
  }
}

/** The lines of the proxy `web`, the servers in byte order of their names. */
function linesOf({ rows }: Csv): readonly Readonly<Record<string, string>>[] {
  return rows
    .filter(({ pxname }) => pxname === 'web')
    .toSorted((one, other) => `${one['type']}${one['svname']}`.localeCompare(`${other['type']}${other['svname']}`));
}

test(
  "the CSV is HAProxy's: its columns, its lines, and its figures after the same load",
  { skip: missingTools('haproxy') },
  async (t) => {
    const backends = [await startNamed(t, 'served by a'), await startBackend(t)];
    const [theirs, ours] = [await startHaproxy(t, backends), await startOurs(t, backends)];
    for (const { port } of [theirs, ours]) {
      for (let n = 0; n < CLIENTS; n++) assert.equal(await answerOf({ ip: '127.0.0.1', port }), 'served by a');
    }
    const csv = { theirs: await whenIdle(theirs), ours: await whenIdle(ours) };
    assert.deepEqual(csv.ours.columns, csv.theirs.columns);
    const figures = (lines: ReturnType<typeof linesOf>) =>
      lines.map((line) => ['pxname', 'svname', ...COMPARED].map((column) => `${column}=${line[column] ?? ''}`));
    const [expected, actual] = [linesOf(csv.theirs), linesOf(csv.ours)];
    // HAProxy gives a backend as a whole a tenth of what its frontends may have, to which nothing of ours corresponds.
    const comparable = expected.map((line) => (line['svname'] === 'BACKEND' ? { ...line, slim: '' } : line));
    assert.deepEqual(figures(actual), figures(comparable));
  },
);
