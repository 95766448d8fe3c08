import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serverStats } from '../../test/helpers/fakes/fake-control.ts';
import { NO_DATAGRAMS, backendStatus } from '../../test/helpers/fakes/statuses.ts';
import { serverJson } from '../control/v1/present/server.ts';
import { COLUMNS, columnsOf, groupsOf } from './columns.ts';

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
    ...['tx_datagrams  ', 'rx_datagrams  ', 'drops  '],
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

test('datagrams are shown of UDP alone, and drops are alarming', () => {
  const tcp = serverStats('web', [BACKEND]);
  const udp = {
    ...serverStats('dns', [{ ...BACKEND, totals: { ...BACKEND.totals, txDatagrams: 30, rxDatagrams: 20 } }]),
    protocol: 'udp' as const,
  };
  const drops = { ...udp.totals.drops, full: 3, queue: 1 };
  const json = serverJson({ ...udp, totals: { ...udp.totals, txDatagrams: 31, rxDatagrams: 21, drops } });
  const ids = ['tx_datagrams', 'rx_datagrams', 'drops'];
  const columns = columnsOf([serverJson(tcp), json]).filter(({ id }) => ids.includes(id));
  assert.deepEqual(
    columns.map(({ server, backend }) => [server(json, NOW)?.text, backend(json.backends[0]!, NOW)?.text]),
    [
      ['31', '30'],
      ['21', '20'],
      ['4', undefined],
    ],
  );
  assert.equal(columns[2]?.server(json, NOW)?.isAlarming, true);
  assert.equal(columns[0]?.server(serverJson(tcp), NOW), undefined);
  assert.ok(!columnsOf([serverJson(tcp)]).some(({ id }) => ids.includes(id)));
});

test('the groups span all columns', () => {
  assert.equal(
    groupsOf(COLUMNS).reduce((sum, { span }) => sum + span, 0),
    COLUMNS.length,
  );
});
