import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import type { Logger } from '../../log/log.ts';
import { LocalPortUse } from './local-port-use.ts';

const ADDRESS = { ip: '10.0.0.5', port: 80 };

/** One server with one backend and 1000 ports. */
function watching({ sources = [] as readonly string[] } = {}) {
  const clock = new FakeClock();
  const figures = { active: 0, made: 0, inTable: 0 };
  const said: string[] = [];
  let counts = 0;
  const ledger = {
    serverActive: () => figures.active,
    serverTotals: () => ({ connected: figures.made }),
    active: () => figures.active,
    backendTotals: () => ({ total: figures.made }),
  };
  const backend = { slot: 0, key: 'b:80', addresses: [ADDRESS], weight: 1, priority: 1, maxConnections: 0 };
  const backends = [{ ...backend, fullMaxConnections: 0, serial: 1, maxFails: 0 }];
  const use = new LocalPortUse({
    clock,
    log: {
      warn: ({ about, used }: Record<string, unknown>, message: string) =>
        said.push(`${message}: ${String(about)} ${String(used)}`),
    } as unknown as Logger,
    servers: () => [{ id: 1, backends, sourceAddresses: sources, ledger }],
    ports: () => 1_000,
    count: () => {
      counts += 1;
      return Promise.resolve([figures.inTable]);
    },
  });
  use.start();
  /** The time goes on while so many connections are made a second, and end at once. */
  async function pass(seconds: number, perSecond = 0): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      figures.made += perSecond;
      clock.advance(1_000);
      await turn();
    }
  }
  return { use, figures, said, pass, counts: () => counts };
}

test('few connections are never counted in the table', async () => {
  const { use, pass, counts, said } = watching();
  await pass(120, 1);
  assert.deepEqual([use.usedRatio, counts(), said], [0.06, 0, []]);
  await pass(120, 5);
  assert.deepEqual([use.usedRatio, counts(), said], [0.3, 0, []]);
});

test('many are, and it is warned once at 80 % until there are fewer again', async () => {
  const { use, pass, figures, counts, said } = watching();
  figures.inTable = 500;
  await pass(120, 20);
  assert.deepEqual([use.usedRatio, said], [0.5, []], 'the backend has closed first: its ports are free');
  assert(counts() > 0);
  figures.inTable = 850;
  await pass(60, 20);
  assert.deepEqual([use.usedRatio, said], [0.85, ['local ports are running out: 10.0.0.5:80 850']]);
  figures.inTable = 750;
  await pass(20, 20);
  assert.equal(said.length, 1);
  figures.inTable = 100;
  await pass(20, 20);
  figures.inTable = 900;
  await pass(20, 20);
  assert.equal(said.length, 2);
});

test('connections that stay open have their ports, and more source addresses have more', async () => {
  const one = watching();
  one.figures.active = one.figures.made = one.figures.inTable = 900;
  await one.pass(20);
  assert.deepEqual([one.use.usedRatio, one.said.length], [0.9, 1]);
  const three = watching({ sources: ['10.9.0.1', '10.9.0.2', '10.9.0.3', 'fd00::1'] });
  three.figures.active = three.figures.made = 900;
  await three.pass(20);
  assert.deepEqual([three.use.usedRatio, three.counts()], [0.3, 0]);
});

test('nothing runs when it has stopped', () => {
  const clock = new FakeClock();
  const parts = {
    clock,
    log: {} as unknown as Logger,
    servers: () => [],
    ports: () => 1,
    count: () => Promise.resolve([]),
  };
  const use = new LocalPortUse(parts);
  use.start();
  use.stop();
  assert.equal(clock.timers, 0);
});
