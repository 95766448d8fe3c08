import assert from 'node:assert/strict';

import type { ClientTable } from '../../../src/ledger/client-table.ts';
import { QueueWords } from '../../../src/ledger/queue-words.ts';
import type { ServerLedger } from '../../../src/ledger/server-ledger.ts';
import { available } from './queue-choice.ts';
import type { QueueModel } from './queue-model.ts';
import { NO_DATAGRAMS, NO_DROPS, NO_HELLOS } from '../fakes/statuses.ts';
import { closedBy, TICK_MS } from './queue-model-state.ts';

/** The ledger says of the server and of each backend what the oracle has counted. */
export function checkGauges(ledger: ServerLedger, clients: ClientTable, model: QueueModel): void {
  const { causes, totals, active, peak, queue, backends } = model;
  const { noResources, ...said } = ledger.serverTotals();
  assert.equal(noResources, 0);
  const histograms = model.histograms.all();
  assert.deepEqual(said, {
    ...totals,
    ...NO_DATAGRAMS,
    drops: NO_DROPS,
    hellos: NO_HELLOS,
    causes,
    active,
    peak,
    waiting: queue.length,
    histograms,
  });
  // The queue of a thread that was there from the beginning: that takes no new one.
  assert.equal(new QueueWords(ledger.open(0).queue, 0).waiting, queue.length);
  for (const [slot, known] of backends) {
    const { active: held, peak: most, total, refused, retried, rx, tx } = known;
    assert.deepEqual(ledger.backendTotals(slot), {
      active: held,
      peak: most,
      total,
      refused,
      retried,
      rx,
      tx,
      ...NO_DATAGRAMS,
    });
    assert.equal(ledger.isEjected(slot), !known.isInUse);
  }
  assert.equal(clients.totals().evicted, 0);
}

/** Nobody waits for longer than may be. */
export function checkWaits({ queue }: QueueModel, now: number): void {
  for (const known of queue) {
    if (!known.thread.isDead) assert.ok(now <= closedBy(known), 'one has waited for longer than it may');
  }
}

/** Nobody waits for what there is. To be called when all threads have heard everything. */
export function checkQueue({ queue, backends, lookedAtBy }: QueueModel, now: number): void {
  const [first] = queue;
  if (first === undefined || now < lookedAtBy) return;
  // That those may be asked again that failed it is noticed within a tick.
  const keys = available(backends, first, now - TICK_MS).map(({ key }) => key);
  assert.deepEqual(keys, [], 'the first in the queue waits for what is free');
}
