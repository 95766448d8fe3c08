import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serverStats } from '../../test/helpers/fakes/fake-control.ts';
import { NO_DATAGRAMS, backendStatus } from '../../test/helpers/fakes/statuses.ts';
import { serverJson } from '../control/v1/present/server.ts';
import { COLUMN_GROUPS, COLUMNS } from './columns.ts';

const NOW = 65_000;
const BACKEND = {
  ...{ ...backendStatus('a:80'), active: 2, maxConnections: 9, weight: 3, isWeightOverridden: true },
  totals: { active: 2, peak: 4, total: 1234, refused: 1, retried: 5, rx: 5000, tx: 70, ...NO_DATAGRAMS },
};

test('each column has its figure', () => {
  const server = serverJson(serverStats('web', [BACKEND]));
  const texts = COLUMNS.map(({ id, backend, server: whole }) =>
    [id, whole(server, NOW)?.text ?? '', backend(server.backends[0]!, NOW)?.text ?? ''].join(' '),
  );
  assert.deepEqual(texts, [
    ...['active 0 2', 'peak 0 4', 'limit ∞ 9', 'total 0 1,234', 'rate 0 0', 'queue 0 '],
    ...['tx 0 B 70 B', 'rx 0 B 5.00 kB', 'tx_rate 0 B 0 B', 'rx_rate 0 B 0 B'],
    ...['errors 0 1', 'retried 0 5', 'denied 0 ', 'weight  3*', 'changed 1m 5s 1m 5s'],
  ]);
});

test('what should be 0 and is not is alarming, and rounded bytes are told exactly', () => {
  const [backend] = serverJson(serverStats('web', [BACKEND])).backends;
  const cell = (id: string) => COLUMNS.find((column) => column.id === id)?.backend(backend!, NOW);
  assert.deepEqual([cell('errors')?.isAlarming, cell('active')?.isAlarming], [true, undefined]);
  assert.equal(cell('rx')?.title, '5,000 bytes');
});

test('what failed of a server are clients without a backend and connects, also to backends that are gone', () => {
  const web = serverStats('web', []);
  const json = serverJson({
    ...web,
    totals: { ...web.totals, noBackend: 1, noResources: 20, refused: 300, connected: 4_000 },
  });
  const cell = COLUMNS.find(({ id }) => id === 'errors')?.server(json, NOW);
  assert.deepEqual([cell?.value, cell?.isAlarming], [321, true]);
});

test('the groups span all columns', () => {
  assert.equal(
    COLUMN_GROUPS.reduce((sum, { span }) => sum + span, 0),
    COLUMNS.length,
  );
});
