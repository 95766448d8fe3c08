import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { NO_DATAGRAMS } from '../../test/helpers/fakes/statuses.ts';
import { LEDGER_ACTS, LedgerWorld, type LedgerAct } from '../../test/helpers/models/ledger-oracle.ts';
import type { HammerReport, HammerSetup } from '../../test/helpers/processes/ledger-worker.ts';
import { startThread } from '../../test/helpers/processes/test-thread.ts';
import { turn } from '../../test/helpers/sockets/turns.ts';
import { HISTOGRAM_BOUNDS } from '../core/totals.ts';
import { ServerLedger } from './server-ledger.ts';
import { ThreadLedger } from './thread-ledger.ts';

const THREADS = 3;
const BACKENDS = 2;

const act: fc.Arbitrary<LedgerAct> = fc.record({
  do: fc.constantFrom(...LEDGER_ACTS),
  thread: fc.nat(THREADS - 1),
  place: fc.nat(BACKENDS),
  pick: fc.oneof(fc.nat(20), fc.nat(200_000), fc.nat()),
});

test('whatever is counted, reset, reclaimed and listed anew, totals, peaks and histograms are those of a model', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 1, maxLength: 200, size: 'max' }), (acts) => {
      const world = new LedgerWorld(THREADS, BACKENDS);
      for (const one of acts) {
        world.play(one);
        world.check();
      }
    }),
    { numRuns: 300 },
  );
});

test('a value falls into the first bucket whose bound it does not pass', () => {
  const ledger = new ServerLedger();
  const thread = new ThreadLedger(ledger.open(0));
  thread.measure('connect', 5);
  thread.measure('connect', 6);
  thread.measure('connect', 100_000);
  thread.measure('connect', 100_001);
  thread.measure('bytes', 0);
  thread.measure('bytes', 256);
  thread.measure('bytes', 257);
  thread.measure('bytes', 2 ** 40);
  const { connect, bytes } = ledger.serverTotals().histograms;
  const last = HISTOGRAM_BOUNDS.connect.length;
  assert.deepEqual(
    [connect.counts[0], connect.counts[1], connect.counts[last - 1], connect.counts[last]],
    [1, 1, 1, 1],
  );
  assert.equal(connect.sum, 20.0012);
  assert.deepEqual(bytes.counts, [2, 1, ...HISTOGRAM_BOUNDS.bytes.slice(2).map(() => 0), 1]);
  assert.equal(bytes.sum, 513 + 2 ** 40);
});

test('while real threads count, resets lose nothing, and nothing is ever below 0', async () => {
  const ledger = new ServerLedger();
  const slot = ledger.allocate();
  const parties = 2;
  const inside = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
  let running = parties;
  const hammers = Array.from({ length: parties }, async (_, number) => {
    const setup: HammerSetup = { memory: ledger.open(number), inside, slot, limit: 0, rounds: 200_000, parties };
    const { report } = startThread<HammerReport>('ledger-worker', setup);
    const { entered } = await report;
    running -= 1;
    return entered;
  });
  while (running > 0) {
    const { accepted, active, peak } = ledger.serverTotals();
    const { total, rx } = ledger.backendTotals(slot);
    assert.ok(
      [accepted, total, rx].every((count) => count >= 0),
      JSON.stringify({ accepted, total, rx }),
    );
    assert.ok(active <= peak && peak <= parties, `${active} active, at most ${peak}`);
    ledger.reset();
    await turn();
  }
  const entered = (await Promise.all(hammers)).reduce((sum, count) => sum + count, 0);
  assert.equal(ledger.bytesEver(slot).rx, entered, 'each round has moved a byte');
  ledger.reset();
  const { accepted, active, peak } = ledger.serverTotals();
  assert.deepEqual({ accepted, active, peak }, { accepted: 0, active: 0, peak: 0 });
  assert.deepEqual(ledger.backendTotals(slot), {
    active: 0,
    peak: 0,
    total: 0,
    refused: 0,
    retried: 0,
    rx: 0,
    tx: 0,
    ...NO_DATAGRAMS,
  });
});
