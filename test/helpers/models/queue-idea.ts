import assert from 'node:assert/strict';

import type { BalanceKind } from '../../../src/balance/registry.ts';
import { CAUSE_CODES, type Cause } from '../../../src/core/cause.ts';
import type { DialFailure, PairEnd } from '../../../src/core/engine.ts';
import type { Candidate } from '../../../src/core/snapshot.ts';
import { KnownHistograms } from './known-histograms.ts';
import { choices, isUp } from './queue-choice.ts';
import { causeOf, closedBy, TICK_MS, type KnownBackend, type KnownConnection } from './queue-known.ts';
import type { Asked } from './queue-threads.ts';

const FAILURE_CAUSES = {
  refused: 'SC',
  unreachable: 'SC',
  timeout: 'sC',
  exhausted: 'RC',
} as const satisfies Record<DialFailure, Cause>;

type Decision =
  | { readonly asked: 'dial'; readonly among: readonly Candidate[] }
  | { readonly asked: 'wait' }
  | { readonly asked: 'close'; readonly cause: Cause };

/** What the policy has to do, in lists and maps: told what happens, then shown what the policy asked of its pairs. */
export class Idea {
  readonly #balance: BalanceKind;
  #turns = 0;
  /** By row of the ledger. */
  readonly backends = new Map<number, KnownBackend>();
  /** Of all threads, in the order in which they came. */
  readonly queue: KnownConnection[] = [];
  readonly open = new Set<KnownConnection>();
  readonly causes = Object.fromEntries(CAUSE_CODES.map((cause) => [cause, 0])) as Record<Cause, number>;
  readonly totals = {
    accepted: 0,
    denied: 0,
    overClientLimit: 0,
    overClientRate: 0,
    noBackend: 0,
    queued: 0,
    connected: 0,
    refused: 0,
    retried: 0,
    rx: 0,
    tx: 0,
  };
  readonly histograms = new KnownHistograms();
  /** Connections that have a place at the server. */
  active = 0;
  peak = 0;
  /** Until then the first in the queue may not have been looked at since something changed. */
  lookedAtBy = 0;

  constructor(balance: BalanceKind) {
    this.#balance = balance;
  }

  // What happens, said before the policy hears of it.

  accepts(known: KnownConnection, now: number, isDenied: boolean): void {
    this.open.add(known);
    this.totals.accepted += 1;
    const { client, thread } = known;
    const { perClient, maxConnections } = thread.limits;
    known.client = undefined;
    if (isDenied) return this.#refuse(known, 'PR', 'denied');
    if (client !== undefined) {
      if (perClient.maxConnections > 0 && client.connections >= perClient.maxConnections)
        return this.#refuse(known, 'PR', 'overClientLimit');
      if (!client.spend(perClient.rate, now)) return this.#refuse(known, 'PR', 'overClientRate');
      client.connections += 1;
      known.client = client;
    }
    if (maxConnections > 0 && this.active >= maxConnections) return this.#refuse(known, 'PC', 'noBackend');
    known.isIn = true;
    this.active += 1;
    this.peak = Math.max(this.peak, this.active);
  }

  connects(known: KnownConnection, now: number): void {
    if (known.turn !== 0) this.#hasWaited(known);
    this.histograms.add('connect', now - known.electedAt);
    known.stage = 'connected';
    known.wasConnected = true;
    const { backend, seat } = this.#place(known);
    this.totals.connected += 1;
    this.#report(known, seat.connected(known, backend), '');
  }

  /** Its last address failed. */
  fails(known: KnownConnection, failure: DialFailure, code: string): void {
    const { backend, seat } = this.#place(known);
    if (failure !== 'exhausted') {
      this.#report(known, seat.failed(known, backend), code);
      seat.refused += 1;
      this.totals.refused += 1;
    }
    this.#leavePlace(known);
    if (!known.tried.some(({ serial }) => serial === backend.serial)) known.tried.push(backend);
    known.lastFailed = backend;
    known.failure = FAILURE_CAUSES[failure];
    known.stage = 'deciding';
    if (known.tried.length > known.thread.limits.retries) known.cause = known.failure;
  }

  moves(known: KnownConnection, rx: number, tx: number): void {
    const { seat } = this.#place(known);
    known.rxBytes += rx;
    known.txBytes += tx;
    this.totals.rx += rx;
    this.totals.tx += tx;
    seat.rx += rx;
    seat.tx += tx;
  }

  ends(known: KnownConnection, end: PairEnd, { hadFinished, now }: { hadFinished: boolean; now: number }): void {
    this.causes[causeOf(known, end, hadFinished)] += 1;
    if (end === 'backend-reset' && known.rxBytes === 0) {
      const { backend, seat } = this.#place(known);
      this.#report(known, seat.failed(known, backend), 'ECONNRESET');
    }
    this.vanishes(known, now);
    if (known.wasConnected) {
      this.histograms.add('duration', now - known.acceptedAt);
      this.histograms.add('bytes', known.rxBytes + known.txBytes);
    } else if (known.turn !== 0) {
      this.#hasWaited(known);
    }
  }

  /** Its thread has died, or it has ended. */
  vanishes(known: KnownConnection, now: number): void {
    if (known.stage === 'waiting') this.#givesUpWaiting(known, now);
    if (known.backend !== undefined) this.#leavePlace(known);
    if (known.isIn) this.active -= 1;
    if (known.client !== undefined) known.client.connections -= 1;
    this.open.delete(known);
  }

  /** It is cut by us. */
  kills(known: KnownConnection, cause: 'DD' | undefined, now: number): void {
    known.cause ??= cause ?? (known.wasConnected ? 'KD' : known.stage === 'waiting' ? 'KQ' : 'KC');
    if (known.stage === 'waiting') this.#givesUpWaiting(known, now);
    known.stage = 'ending';
  }

  // What the policy asked of a pair.

  sees(known: KnownConnection, asked: Asked, at: number): void {
    if (known.stage === 'ending') return assert.equal(asked, 'reset');
    if (known.stage === 'waiting' && asked === 'close') return this.#waitsNoMore(known, at);
    const isTurn = known.stage === 'deciding' || this.queue[0] === known;
    assert.ok(isTurn, `${asked} of one that is ${known.stage}, number ${this.queue.indexOf(known)} in the queue`);
    const decision = this.#decide(known, at);
    assert.equal(asked, decision.asked);
    if (decision.asked === 'dial') return this.#elected(known, decision.among, at);
    if (decision.asked === 'close') return this.#closed(known, decision.cause);
    known.stage = 'waiting';
    known.joinedAt = at;
    known.client?.wait(at);
    if (known.turn === 0) {
      known.turn = ++this.#turns;
      known.since = at;
      this.totals.queued += 1;
    }
    this.queue.push(known);
    this.queue.sort((one, other) => one.turn - other.turn);
  }

  #decide(known: KnownConnection, at: number): Decision {
    const { thread, tried, client } = known;
    const { queue } = thread.limits;
    const isNew = tried.length === 0;
    const goesBehind = isNew && known.stage === 'deciding' && queue.timeoutMs > 0 && this.queue.length > 0;
    if (known.cause !== undefined) return { asked: 'close', cause: known.cause };
    const among = goesBehind ? [] : choices(this.backends, known, { balance: this.#balance, at });
    if (among.length > 0) return { asked: 'dial', among };
    const canBe = isUp(this.backends, thread, tried);
    const cause = known.failure ?? (canBe ? 'PC' : 'SC');
    if (queue.timeoutMs === 0 || !(canBe || (queue.whenDown && isNew))) return { asked: 'close', cause };
    const isClientFull = client !== undefined && queue.perClient > 0 && client.waiting >= queue.perClient;
    const isFull = known.turn === 0 && queue.size > 0 && this.queue.length >= queue.size;
    return isClientFull || isFull ? { asked: 'close', cause: 'PQ' } : { asked: 'wait' };
  }

  /** It is dialled to one of these. */
  #elected(known: KnownConnection, among: readonly Candidate[], at: number): void {
    const port = Number(known.pair.dials.at(-1)?.split(':')[1]);
    const backend = among.find(({ addresses }) => (addresses[0] as { port: number }).port === port);
    const names = among.map(({ key }) => key).join();
    assert.ok(backend !== undefined && known.pair.dials.at(-1)?.startsWith('10.0.0.1:'), `${port} of ${names}`);
    const failed = known.lastFailed;
    // Who had to wait has not been retried at once.
    if (known.stage === 'deciding' && failed !== undefined) {
      this.totals.retried += 1;
      this.backends.get(failed.slot)!.retried += 1;
    }
    if (known.tried.length === 0 || known.stage === 'waiting') known.electedAt = at;
    if (known.stage === 'waiting') this.#leaveQueue(known, at);
    known.stage = 'dialling';
    known.backend = backend;
    known.address = 0;
    this.#place(known).seat.elected(known);
    const { stickyMs } = known.thread.limits;
    if (stickyMs > 0) known.client?.stick(backend.serial, stickyMs, at);
  }

  /** It has waited long enough, or nobody is up any more. */
  #waitsNoMore(known: KnownConnection, at: number): void {
    const { timeoutMs, whenDown } = known.thread.limits.queue;
    const isLate = at - known.since >= timeoutMs;
    if (!isLate) assert.ok(!whenDown && !isUp(this.backends, known.thread, []), 'closed in the queue for no reason');
    assert.ok(at <= closedBy(known), 'one has waited for longer than it may');
    this.#leaveQueue(known, at);
    known.electedAt = at;
    this.totals.noBackend += 1;
    known.cause = isLate ? 'sQ' : 'SC';
    known.stage = 'ending';
  }

  #closed(known: KnownConnection, cause: Cause): void {
    if (known.cause === undefined && (known.tried.length === 0 || cause === 'PQ')) this.totals.noBackend += 1;
    known.cause = cause;
    known.stage = 'ending';
  }

  #refuse(
    known: KnownConnection,
    cause: Cause,
    tally: 'denied' | 'overClientLimit' | 'overClientRate' | 'noBackend',
  ): void {
    this.totals[tally] += 1;
    known.cause = cause;
  }

  #leaveQueue(known: KnownConnection, at: number): void {
    this.queue.splice(this.queue.indexOf(known), 1);
    known.client?.stopWaiting(at);
  }

  /** Whoever it held up is looked for in a while. */
  #givesUpWaiting(known: KnownConnection, at: number): void {
    this.#leaveQueue(known, at);
    known.electedAt = at;
    if (known.tried.length > 0) this.lookedAtBy = at + TICK_MS;
  }

  #hasWaited({ acceptedAt, electedAt }: KnownConnection): void {
    this.histograms.add('queue', electedAt - acceptedAt);
  }

  #place(known: KnownConnection): { readonly backend: Candidate; readonly seat: KnownBackend } {
    const { backend } = known;
    const seat = this.backends.get(backend?.slot ?? -1);
    assert.ok(backend !== undefined && seat !== undefined, 'it has no place at a backend');
    return { backend, seat };
  }

  #leavePlace(known: KnownConnection): void {
    this.#place(known).seat.left(known);
    known.backend = undefined;
  }

  #report({ thread }: KnownConnection, what: string | undefined, code: string): void {
    if (what !== undefined) thread.reports.push(`${what} ${code}`);
  }
}
