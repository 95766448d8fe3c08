import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { echo, startBackend, type TestBackend } from '../sockets/backends.ts';
import { SteadyTraffic } from '../sockets/steady-traffic.ts';
import { listed } from '../sockets/traffic.ts';
import { ask } from '../sockets/web.ts';
import { type Api, serverBody, serviceAddress, startWithApi } from './api.ts';
import { serverToml } from './cli.ts';
import { type Footprint, footprintOf } from './footprint.ts';

export interface Churn {
  /** At a time, at most 250. */
  readonly servers: number;
  readonly rounds: number;
}

export interface ChurnReport {
  /** Of the traffic that went on, through two other servers. */
  readonly connections: number;
}

/** So many requests at a time. */
const ABREAST = 10;
/** Of the server that is checked all the time: while it is checked so often, all others would have been. */
const CHECKS = 20;

/** That is alive at once takes a third; 115 KB kept for each of 1,800 changes would be twice as much, and end the process. */
const MOST_HEAP_MIB = 112;
const BOUNDED = { NODE_OPTIONS: `--max-old-space-size=${MOST_HEAP_MIB}` };

const CALM_LOOKS = 20;
const MOST_LOOKS = 200;

const METRICS = '[metrics]\nenabled = true\nbind = "127.0.0.1:0"\n';
const WATCH = '[servers.watch.healthcheck]\nkind = "ping"\ninterval = "100ms"\n';

/**
 * Creates, changes and deletes servers in a loop through the API of the built command, while clients of two other servers
 * go on. Demands that none of these lost a connection, and that nothing of the servers that came and went is left.
 */
export async function churnUnderTraffic(t: TestContext, { servers, rounds }: Churn): Promise<ChurnReport> {
  const [steady, watched, churned] = await Promise.all([
    startBackend(t, echo),
    startBackend(t, echo),
    startBackend(t, echo),
  ]);
  const steadyOnes = [2, 3].map((host) =>
    serverToml(`steady-${host}`, [listed(steady)], { bind: `127.0.0.${host}:0` }),
  );
  const watch = serverToml('watch', [listed(watched)]) + WATCH;
  const { api, running } = await startWithApi(t, [METRICS, watch, ...steadyOnes].join('\n'), '', { env: BOUNDED });
  const metrics = await serviceAddress(running, 'metrics');

  async function footprint(): Promise<Look> {
    return { ...footprintOf(running.pid), series: seriesOf((await ask(metrics, '/metrics')).body) };
  }

  const before = await calmest(footprint);
  const traffic = ['steady-2', 'steady-3'].map((name) => new SteadyTraffic(running.at(name)));
  t.after(() => Promise.all(traffic.map((each) => each.end())));
  for (let round = 0; round < rounds; round += 1) {
    const exchanges = traffic.map((each) => each.exchanges);
    await comeAndGo(api, servers, churned);
    assert.ok(traffic.every((each, index) => each.exchanges > (exchanges[index] ?? 0)));
  }

  const reports = await Promise.all(traffic.map((each) => each.end()));
  assert.deepEqual(
    reports.flatMap(({ failures }) => failures),
    [],
  );
  await watched.accepted(watched.peers.length + CHECKS);
  const seen = churned.peers.length;
  await watched.accepted(watched.peers.length + CHECKS);
  assert.deepEqual([churned.peers.length, churned.open], [seen, 0], 'checks of servers that are gone');
  assert.deepEqual(await untilSame(footprint, before), before);
  return { connections: reports.reduce((sum, report) => sum + report.connections, 0) };
}

interface Look extends Footprint {
  readonly series: readonly string[];
}

/** Of some looks, the one without a check or a request under way. */
async function calmest(look: () => Promise<Look>): Promise<Look> {
  let calm = await look();
  for (let looks = 1; looks < CALM_LOOKS; looks += 1) {
    const next = await look();
    if (next.descriptors < calm.descriptors) calm = next;
  }
  return calm;
}

/** Looks again while a check or a request is under way, but not for ever. @returns what it was at last */
async function untilSame(look: () => Promise<Look>, wanted: Look): Promise<Look> {
  let seen = await look();
  for (let looks = 1; looks < MOST_LOOKS && !isDeepStrictEqual(seen, wanted); looks += 1) seen = await look();
  return seen;
}

/** All are there before the first changes, and all have changed before the first goes. */
async function comeAndGo(api: Api, count: number, backend: TestBackend): Promise<void> {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const body = (index: number, backends: readonly string[], keys: object = {}) => {
    // Of the loopback network: no two may have the same, even with port 0.
    const bind = `127.1.1.${index + 1}:0`;
    const healthcheck = { kind: 'ping', interval: '500ms' };
    const headers = { 'content-type': 'application/json' };
    return { ...serverBody(backends, { bind, healthcheck, ...keys }), headers };
  };
  const own = listed(backend);
  const path = (index: number): string => `/servers/churn-${index}`;

  await forEach(indexes, async (index) => isDone(await api('POST', path(index), body(index, [own]))));
  await forEach(indexes, async (index) => {
    const changed = body(index, [own, '127.0.0.1:1'], { balance: 'leastconn' });
    isDone(await api('PUT', `/v1${path(index)}`, changed));
  });
  await forEach(indexes, async (index) => isDone(await api('GET', `${path(index)}/stats`)));
  await forEach(indexes, async (index) => isDone(await api('DELETE', `${path(index)}?drain=1s`)));
  const { body: left } = await api('GET', '/servers');
  assert.deepEqual(Object.keys(JSON.parse(left) as object), ['steady-2', 'steady-3', 'watch']);
}

function isDone({ status, body }: { readonly status: number; readonly body: string }): void {
  assert.equal(status, 200, body);
}

/** Some at a time. */
async function forEach(indexes: readonly number[], act: (index: number) => Promise<void>): Promise<void> {
  const left = [...indexes];
  const one = async (): Promise<void> => {
    for (let index = left.shift(); index !== undefined; index = left.shift()) await act(index);
  };
  await Promise.all(Array.from({ length: ABREAST }, one));
}

/** Names with their labels, without values. */
function seriesOf(exposition: string): readonly string[] {
  const lines = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.slice(0, line.lastIndexOf(' '))).sort();
}
