import assert from 'node:assert/strict';

import type { BalanceKind } from '../../../src/balance/registry.ts';
import { CAUSE_CODES, type Cause } from '../../../src/core/cause.ts';
import type { DialFailure, PairEnd } from '../../../src/core/engine.ts';
import type { Candidate } from '../../../src/core/snapshot.ts';
import { KnownHistograms } from './known-histograms.ts';
import { choices, isUp } from './queue-choice.ts';
import { causeOf, closedBy, TICK_MS, type ModelBackend, type ModelConnection } from './queue-model-state.ts';
import type { Asked } from './queue-threads.ts';

const FAILURE_CAUSES = {
  refused: 'SC',
  unreachable: 'SC',
  timeout: 'sC',
  exhausted: 'RC',
} as const satisfies Record<DialFailure, Cause>;

const UNANSWERED: Partial<Record<PairEnd, string>> = { 'backend-reset': 'ECONNRESET', 'backend-dead': 'ETIMEDOUT' };

type Decision =
  | { readonly asked: 'dial'; readonly among: readonly Candidate[] }
  | { readonly asked: 'wait' }
  | { readonly asked: 'close'; readonly cause: Cause };

/** What the policy has to do, in lists and maps: told what happens, then shown what the policy asked of its pairs. */
export class QueueModel {
  readonly #balance: BalanceKind;
  #turns = 0;
  /** By row of the ledger. */
  readonly backends = new Map<number, ModelBackend>();
  /** Of all threads, in the order in which they came. */
  readonly queue: ModelConnection[] = [];
  readonly open = new Set<ModelConnection>();
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

  accepts(connection: ModelConnection, now: number, isDenied: boolean): void {
    this.open.add(connection);
    this.totals.accepted += 1;
    const { client, thread } = connection;
    const { perClient, maxConnections } = thread.limits;
    connection.client = undefined;
    if (isDenied) return this.#refuse(connection, 'PR', 'denied');
    if (client !== undefined) {
      if (perClient.maxConnections > 0 && client.connections >= perClient.maxConnections)
        return this.#refuse(connection, 'PR', 'overClientLimit');
      if (!client.spend(perClient.rate, now)) return this.#refuse(connection, 'PR', 'overClientRate');
      client.connections += 1;
      connection.client = client;
    }
    if (maxConnections > 0 && this.active >= maxConnections) return this.#refuse(connection, 'PC', 'noBackend');
    connection.isIn = true;
    this.active += 1;
    this.peak = Math.max(this.peak, this.active);
  }

  connects(connection: ModelConnection, now: number): void {
    if (connection.turn !== 0) this.#hasWaited(connection);
    this.histograms.add('connect', now - connection.electedAt);
    connection.stage = 'connected';
    connection.wasConnected = true;
    this.totals.connected += 1;
    this.#place(connection).counts.connected(connection, now);
  }

  /** Its last address failed. */
  fails(connection: ModelConnection, failure: DialFailure, code: string): void {
    const { backend, counts } = this.#place(connection);
    if (failure !== 'exhausted') {
      this.#report(connection, counts.failed(connection, backend), code);
      counts.refused += 1;
      this.totals.refused += 1;
    }
    this.#leavePlace(connection);
    if (!connection.tried.some(({ serial }) => serial === backend.serial)) connection.tried.push(backend);
    connection.lastFailed = backend;
    connection.failure = FAILURE_CAUSES[failure];
    connection.stage = 'deciding';
    const { queue, retries } = connection.thread.limits;
    const isDown = !isUp(this.backends, connection.thread, connection.tried);
    connection.waitsForBackend = queue.whenDown && queue.timeoutMs > 0 && isDown && failure !== 'exhausted';
    if (connection.tried.length > retries && !connection.waitsForBackend) connection.cause = connection.failure;
  }

  moves(connection: ModelConnection, rx: number, tx: number): void {
    const { counts } = this.#place(connection);
    if (rx > 0) this.#answered(connection);
    connection.rxBytes += rx;
    connection.txBytes += tx;
    this.totals.rx += rx;
    this.totals.tx += tx;
    counts.rx += rx;
    counts.tx += tx;
  }

  ends(connection: ModelConnection, end: PairEnd, { hadFinished, now }: { hadFinished: boolean; now: number }): void {
    this.causes[causeOf(connection, end, hadFinished)] += 1;
    if (connection.rxBytes === 0 && connection.pair.wasAwaited) {
      const { backend, counts } = this.#place(connection);
      this.#report(connection, counts.failed(connection, backend), UNANSWERED[end] ?? 'EOF');
    } else if (end === 'finished' && connection.txBytes > 0) this.#answered(connection);
    this.vanishes(connection, now);
    if (connection.wasConnected) {
      this.histograms.add('duration', now - connection.acceptedAt);
      this.histograms.add('bytes', connection.rxBytes + connection.txBytes);
    } else if (connection.turn !== 0) {
      this.#hasWaited(connection);
    }
  }

  /** Time has passed for connections that try a backend. */
  pass(now: number): void {
    const trying = [...this.backends.values()].map(({ state }) => state).filter((state) => typeof state !== 'string');
    const due = trying.filter(
      ({ wasConnected, thread, passesAt }) => wasConnected && !thread.isDead && passesAt <= now,
    );
    for (const one of due.sort((a, b) => a.passesAt - b.passesAt)) this.#answered(one);
  }

  /** Its thread has died, or it has ended. */
  vanishes(connection: ModelConnection, now: number): void {
    if (connection.stage === 'waiting') this.#givesUpWaiting(connection, now);
    if (connection.backend !== undefined) this.#leavePlace(connection);
    if (connection.isIn) this.active -= 1;
    if (connection.client !== undefined) connection.client.connections -= 1;
    this.open.delete(connection);
  }

  /** It is cut by us. */
  kills(connection: ModelConnection, cause: 'DD' | undefined, now: number): void {
    connection.cause ??= cause ?? (connection.wasConnected ? 'KD' : connection.stage === 'waiting' ? 'KQ' : 'KC');
    if (connection.stage === 'waiting') this.#givesUpWaiting(connection, now);
    connection.stage = 'ending';
  }

  // What the policy asked of a pair.

  sees(connection: ModelConnection, asked: Asked, at: number): void {
    if (connection.stage === 'ending') return assert.equal(asked, 'reset');
    if (connection.stage === 'waiting' && asked === 'close') return this.#closedInQueue(connection, at);
    const isTurn = connection.stage === 'deciding' || this.queue[0] === connection;
    assert.ok(
      isTurn,
      `${asked} of one that is ${connection.stage}, number ${this.queue.indexOf(connection)} in the queue`,
    );
    // A probe may pass in the same millisecond, before this or after it.
    this.pass(at - 1);
    const before = this.#decide(connection, at);
    if (!this.#isThat(connection, asked, before)) this.pass(at);
    const decision = this.#decide(connection, at);
    assert.equal(asked, decision.asked);
    if (decision.asked === 'dial') return this.#elected(connection, decision.among, at);
    if (decision.asked === 'close') return this.#closed(connection, decision.cause);
    connection.stage = 'waiting';
    connection.joinedAt = at;
    connection.client?.wait(at);
    if (connection.turn === 0) {
      connection.turn = ++this.#turns;
      connection.since = at;
      this.totals.queued += 1;
    }
    this.queue.push(connection);
    this.queue.sort((one, other) => one.turn - other.turn);
  }

  #decide(connection: ModelConnection, at: number): Decision {
    const { thread, tried, client } = connection;
    const { queue } = thread.limits;
    const isNew = tried.length === 0;
    const goesBehind = isNew && connection.stage === 'deciding' && queue.timeoutMs > 0 && this.queue.length > 0;
    if (connection.cause !== undefined) return { asked: 'close', cause: connection.cause };
    const hasRetry = tried.length <= thread.limits.retries || connection.stage !== 'deciding';
    const among = goesBehind || !hasRetry ? [] : choices(this.backends, connection, { balance: this.#balance, at });
    if (among.length > 0) return { asked: 'dial', among };
    const canBe = isUp(this.backends, thread, tried);
    const cause = connection.failure ?? (canBe ? 'PC' : 'SC');
    if (queue.timeoutMs === 0 || !(canBe || (queue.whenDown && isNew) || connection.waitsForBackend))
      return { asked: 'close', cause };
    const isClientFull = client !== undefined && queue.perClient > 0 && client.waiting >= queue.perClient;
    const isFull = connection.turn === 0 && queue.size > 0 && this.queue.length >= queue.size;
    return isClientFull || isFull ? { asked: 'close', cause: 'PQ' } : { asked: 'wait' };
  }

  #isThat({ pair }: ModelConnection, asked: Asked, decision: Decision): boolean {
    if (asked !== decision.asked || decision.asked !== 'dial') return asked === decision.asked;
    const port = Number(pair.dials.at(-1)?.split(':')[1]);
    return decision.among.some(({ addresses }) => (addresses[0] as { port: number }).port === port);
  }

  /** It is dialled to one of these. */
  #elected(connection: ModelConnection, among: readonly Candidate[], at: number): void {
    const port = Number(connection.pair.dials.at(-1)?.split(':')[1]);
    const backend = among.find(({ addresses }) => (addresses[0] as { port: number }).port === port);
    const names = among.map(({ key }) => key).join();
    // When this is looked at, its second address may be dialled already, too.
    const isFirst = connection.pair.dials.includes(`10.0.0.1:${port}`);
    assert.ok(backend !== undefined && isFirst, `${port} of ${names}`);
    const failed = connection.lastFailed;
    // Who had to wait has not been retried at once.
    if (connection.stage === 'deciding' && failed !== undefined) {
      this.totals.retried += 1;
      this.backends.get(failed.slot)!.retried += 1;
    }
    if (connection.tried.length === 0 || connection.stage === 'waiting') connection.electedAt = at;
    if (connection.stage === 'waiting') this.#leaveQueue(connection, at);
    connection.stage = 'dialling';
    connection.backend = backend;
    connection.isExhausted = false;
    this.#place(connection).counts.elected(connection);
    const { stickyMs } = connection.thread.limits;
    if (stickyMs > 0) connection.client?.stick(backend.serial, stickyMs, at);
  }

  /** It has waited long enough, or nobody is up any more. */
  #closedInQueue(connection: ModelConnection, at: number): void {
    const { timeoutMs, whenDown } = connection.thread.limits.queue;
    const isLate = at - connection.since >= timeoutMs;
    if (!isLate)
      assert.ok(!whenDown && !isUp(this.backends, connection.thread, []), 'closed in the queue for no reason');
    assert.ok(at <= closedBy(connection), 'one has waited for longer than it may');
    this.#leaveQueue(connection, at);
    connection.electedAt = at;
    this.totals.noBackend += 1;
    connection.cause = isLate ? 'sQ' : 'SC';
    connection.stage = 'ending';
  }

  #closed(connection: ModelConnection, cause: Cause): void {
    if (connection.cause === undefined && (connection.tried.length === 0 || cause === 'PQ')) this.totals.noBackend += 1;
    connection.cause = cause;
    connection.stage = 'ending';
  }

  #refuse(
    connection: ModelConnection,
    cause: Cause,
    tally: 'denied' | 'overClientLimit' | 'overClientRate' | 'noBackend',
  ): void {
    this.totals[tally] += 1;
    connection.cause = cause;
  }

  #leaveQueue(connection: ModelConnection, at: number): void {
    this.queue.splice(this.queue.indexOf(connection), 1);
    connection.client?.stopWaiting(at);
  }

  /** Whoever it held up is looked for in a while. */
  #givesUpWaiting(connection: ModelConnection, at: number): void {
    this.#leaveQueue(connection, at);
    connection.electedAt = at;
    if (connection.tried.length > 0) this.lookedAtBy = at + TICK_MS;
  }

  #hasWaited({ acceptedAt, electedAt }: ModelConnection): void {
    this.histograms.add('queue', electedAt - acceptedAt);
  }

  #place(connection: ModelConnection): { readonly backend: Candidate; readonly counts: ModelBackend } {
    const { backend } = connection;
    const counts = this.backends.get(backend?.slot ?? -1);
    assert.ok(backend !== undefined && counts !== undefined, 'it has no place at a backend');
    return { backend, counts };
  }

  #leavePlace(connection: ModelConnection): void {
    this.#place(connection).counts.left(connection);
    connection.backend = undefined;
  }

  #answered(connection: ModelConnection): void {
    const { backend, counts } = this.#place(connection);
    this.#report(connection, counts.answered(connection, backend), '');
  }

  #report({ thread }: ModelConnection, what: string | undefined, code: string): void {
    if (what !== undefined) thread.reports.push(`${what} ${code}`);
  }
}
