import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { backendStatus, serverStatus } from '../../../test/helpers/fakes/statuses.ts';
import type { BackendStatus } from '../../core/backend-status.ts';
import type { Rates } from '../../core/stats.ts';
import { serverStats } from './server-stats.ts';

const DOWN = { isLive: false, state: 'down', reason: 'refused', consecutive: 1, durationMs: 1 } as const;

function rates(rx: number, tx: number): Rates {
  return { connections: 9, peakConnections: 9, rx, tx };
}

function statsOf(backend: BackendStatus): Record<string, unknown> {
  const stats = serverStats({ server: serverStatus('web'), backends: [backend], last: undefined });
  const { backends } = stats as { backends: { stats: Record<string, unknown> }[] };
  return backends[0]?.stats ?? {};
}

test('counters are of now and rates of the last second, in whole bytes, those of a backend found by its key', () => {
  const server = serverStatus('web');
  const [a, b] = [backendStatus('a:1'), backendStatus('b:2')];
  const last = { ...server, rates: rates(1.4, 1.6), backends: [{ ...b, rates: rates(998_701.68, 4) }] };
  const now = { ...server, totals: { ...server.totals, active: 5, rx: 60, tx: 70 } };
  const text = JSON.stringify(serverStats({ server: now, backends: [a, b], last }));
  const counts = '"total_connections":0,"active_connections":0,"refused_connections":0,"rx":0,"tx":0';
  const backend = (host: string, port: string, second: string): string =>
    `{"host":"${host}","port":"${port}","priority":1,"weight":1,` +
    `"stats":{"live":true,"discovered":true,${counts},${second}}}`;
  assert.equal(
    text,
    '{"active_connections":5,"rx_total":60,"tx_total":70,"rx_second":1,"tx_second":2,"backends":[' +
      `${backend('a', '1', '"rx_second":0,"tx_second":0')},${backend('b', '2', '"rx_second":998702,"tx_second":4')}]}`,
  );
});

test('the limit of a backend is left out where it has none', () => {
  const server = serverStatus('web');
  const backends = [backendStatus('a:1'), { ...backendStatus('b:2'), maxConnections: 7 }];
  const stats = serverStats({ server, backends, last: undefined }) as { backends: { max_connections?: number }[] };
  assert.deepEqual(
    stats.backends.map((backend) => backend.max_connections),
    [undefined, 7],
  );
});

describe('live is what is known of its health, discovered whether it is listed', () => {
  for (const [name, change, live, discovered] of [
    ['gets clients', {}, true, true],
    ['is down', { health: DOWN, obstacle: 'down' }, false, true],
    ['is ejected', { obstacle: 'ejected' }, false, true],
    ['has a name without an address', { obstacle: 'unresolved' }, false, true],
    ['is drained', { obstacle: 'draining' }, true, true],
    ['is drained while it is down', { health: DOWN, obstacle: 'draining' }, false, true],
    ['is down, which a panic ignores', { health: DOWN }, false, true],
    ['has left the list', { obstacle: 'removed' }, true, false],
  ] as const) {
    test(`of one that ${name}`, () => {
      const stats = statsOf({ ...backendStatus('a:1'), ...change });
      assert.deepEqual([stats['live'], stats['discovered']], [live, discovered]);
    });
  }
});
