import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addressText } from '../../src/core/address.ts';
import type { Control } from '../../src/core/control.ts';
import type { JsonTable } from '../../src/core/json.ts';
import type { BackendChange } from '../../src/core/steering.ts';
import { Load } from '../helpers/processes/load.ts';
import { RunningApp } from '../helpers/rigs/running-app.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { answerOf, freePort, listed, openEcho, roundTrip, startNamed } from '../helpers/sockets/traffic.ts';

const BY = { via: 'api' } as const;
const ROUNDS = 10;

/** One change of each sort, to a server that has traffic and to one that comes and goes. */
async function changeAll(control: Control, other: number, [a, b]: readonly [string, string], round: number) {
  const name = `other-${round}`;
  const table = (backends: readonly string[]): JsonTable => ({
    bind: `127.0.0.1:${other}`,
    discovery: { kind: 'static', static_list: backends },
  });
  const change = (key: string, to: BackendChange) => control.steering.backends.change('named', key, to, BY);
  await control.steering.servers.put(name, table([a]), { isNew: true }, BY);
  await control.steering.servers.patch(
    'named',
    { retries: 3 + round, balance: round % 2 === 0 ? 'leastconn' : 'roundrobin' },
    BY,
  );
  await change(a, { state: 'draining', weight: round });
  await change(a, { state: null });
  await control.steering.servers.remove(name, { drainMs: 60_000 }, BY);
  await control.steering.backends.remove('named', b, BY);
  const [host, port = ''] = b.split(':');
  await control.steering.backends.add('named', { host, port, weight: 1 + round }, BY);
}

for (const engine of ['epoll', 'net']) {
  test(`seventy changes under traffic lose no connection (${engine})`, async (t) => {
    const [a, b] = [listed(await startNamed(t, 'a')), listed(await startNamed(t, 'b'))];
    const running = await RunningApp.start(t, [listed(await startBackend(t, echo))], { engine });
    const { control, address } = running;
    const named = { ip: '127.0.0.1', port: await freePort() };
    const discovery = { kind: 'static', static_list: [a, b] };
    const table = { bind: addressText(named), engine, discovery };
    await control.steering.servers.put('named', table, { isNew: true }, BY);

    const clients = await Promise.all(Array.from({ length: 8 }, () => openEcho(t, address)));
    const loads = [
      ...clients.map((client) => new Load(() => roundTrip(client).then(() => 'a'))),
      ...Array.from({ length: 4 }, () => new Load(() => answerOf(named))),
    ];
    const other = await freePort();
    for (let round = 0; round < ROUNDS; round++) {
      await changeAll(control, other, [a, b], round);
      await running.reload([listed(await startBackend(t, echo))], { retries: 3 + round });
    }
    const answers = (await Promise.all(loads.map((load) => load.end()))).flat();
    assert.ok(answers.length > 100);
    assert.deepEqual(
      answers.filter((answer) => answer !== 'a' && answer !== 'b'),
      [],
    );
    await Promise.all(clients.map((client) => roundTrip(client)));
    assert.deepEqual(
      control.reading.servers().map(({ name }) => name),
      ['web', 'named'],
    );
    const { ledger } = running.app.server('named');
    await control.steering.servers.remove('named', { drainMs: 60_000 }, BY);
    const { accepted, causes } = ledger.serverTotals();
    assert.equal(causes['--'], accepted, 'every one of them came to its end');
  });
}
