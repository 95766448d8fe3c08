import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

import { toolPath } from '../../../scripts/bench/tools.ts';
import { pageUrl } from '../browser/stats-page-visit.ts';
import type { TestBackend } from '../sockets/backends.ts';
import { freePort, listed } from '../sockets/traffic.ts';
import { serverToml, startTslb, temporaryFile } from './cli.ts';

/** A balancer with a proxy `web`: the first backend has weight 2 and room for 5, the second one is disabled. */
export interface Balancer {
  /** Of its stats page. */
  readonly url: string;
  readonly port: number;
}

type Backends = readonly [TestBackend, TestBackend];

/** HAProxy, whose page is a proxy of its own, `page`. */
export async function startHaproxy(t: TestContext, [a, b]: Backends): Promise<Balancer> {
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
  server ${listed(a)} ${listed(a)} weight 2 maxconn 5
  server ${listed(b)} ${listed(b)} disabled
frontend page
  mode http
  bind 127.0.0.1:${statsPort}
  stats enable
  stats uri /stats
  stats refresh 30s
`,
  );
  const child = spawn(toolPath('haproxy') ?? 'haproxy', ['-f', config, '-db', '-q'], { stdio: 'inherit' });
  t.after(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const url = `http://127.0.0.1:${statsPort}/stats`;
  while ((await fetch(url).catch(() => undefined))?.status !== 200);
  return { port, url };
}

/** tslb with the same proxy. */
export async function startTwin(t: TestContext, [a, b]: Backends): Promise<Balancer> {
  const list = [`${listed(a)} weight=2 max_connections=5`, `${listed(b)} state=disabled`];
  const page = '[stats]\nenabled = true\nbind = "127.0.0.1:0"\n';
  const running = await startTslb(t, page + serverToml('web', list, { max_connections: 40 }));
  return { port: running.at('web').port, url: pageUrl(running) };
}
