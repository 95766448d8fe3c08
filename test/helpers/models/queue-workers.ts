import assert from 'node:assert/strict';

import type { Limits } from '../../../src/core/limits.ts';
import type { FailureReport } from '../../../src/data/protocol/messages.ts';
import type { ClientTable } from '../../../src/ledger/client-table.ts';
import type { ServerLedger } from '../../../src/ledger/server-ledger.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import type { QueueRules } from './queue-acts.ts';
import type { QueueModel } from './queue-model.ts';
import { TICK_MS, type ModelThread } from './queue-model-state.ts';
import type { RandomPool } from './queue-pool.ts';
import { LateCalls, startThread } from './queue-threads.ts';

const BANNED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 1);
const ACCESS = { defaultAllow: true, rules: [{ allow: false, base: BANNED, bits: 128 }] };

interface Parts {
  readonly clock: FakeClock;
  readonly ledger: ServerLedger;
  readonly clients: ClientTable | undefined;
  readonly pool: RandomPool;
  readonly model: QueueModel;
}

/** A thread, and what the oracle knows of it. */
export interface Member {
  readonly workerIndex: number;
  readonly known: ModelThread;
  readonly front: ReturnType<typeof startThread>;
  /** What it was told and has not heard yet. */
  readonly inbox: (() => void)[];
  isReclaimed: boolean;
}

/** The threads of a server, which hear of everything late, die, and are replaced. */
export class ModelWorkers {
  readonly #parts: Parts;
  readonly #balance: QueueRules['balance'];
  readonly #calls = new LateCalls();
  /** By index. */
  readonly #members: Member[];
  #limits: Limits;
  #started = 0;
  #told = 0;

  constructor({ threads, limits, balance }: QueueRules, parts: Parts) {
    this.#parts = parts;
    this.#balance = balance;
    this.#limits = limits[0]!;
    this.#members = Array.from({ length: threads }, (_, workerIndex) => this.#start(workerIndex));
    this.#told = parts.pool.snapshot.version;
  }

  /** A thread that lives; undefined where it is dead. */
  at(thread: number): Member | undefined {
    const member = this.#members[thread % this.#members.length]!;
    return member.known.isDead ? undefined : member;
  }

  /** No thread elects from a snapshot before this version any more. */
  get applied(): number {
    return Math.min(...this.#living().map(({ known }) => known.snapshot.version));
  }

  /** Nobody has anything to hear or to answer. */
  get hasHeardAll(): boolean {
    return this.#calls.pending.length === 0 && this.#members.every(({ inbox }) => inbox.length === 0);
  }

  /** The control plane knows of all that have died. */
  get hasReclaimedAll(): boolean {
    return this.#members.every(({ known, isReclaimed }) => !known.isDead || isReclaimed);
  }

  /** What the threads have reported is what the oracle expects. */
  takeReports(): readonly FailureReport[] {
    const taken: FailureReport[] = [];
    for (const { known, front } of this.#members) {
      const reports = front.failures.splice(0);
      assert.deepEqual(
        reports.map(({ what, code }) => `${what} ${code}`),
        known.reports.splice(0),
      );
      taken.push(...reports);
    }
    return taken;
  }

  /** Tells all threads the newest snapshot, if they were not told it. */
  tellSnapshot(): void {
    const { snapshot } = this.#parts.pool;
    if (snapshot.version === this.#told) return;
    this.#told = snapshot.version;
    this.#tell(({ known, front }) => {
      if (snapshot.version > known.snapshot.version) known.snapshot = snapshot;
      front.frontend.apply(snapshot);
    });
  }

  reload(limits: Limits): void {
    this.#limits = limits;
    this.#tell(({ known, front: { frontend, spec } }) => {
      const now = this.#parts.clock.now();
      known.limits = limits;
      known.limitsSince = now;
      // Nobody looks at the queue for that alone.
      this.#parts.model.lookedAtBy = now + TICK_MS;
      frontend.reconfigure({ ...spec, limits });
    });
  }

  close(slot: number): void {
    this.#tell(({ known, front }) => {
      for (const one of this.#of(known)) {
        if (one.stage === 'connected' && one.backend?.slot === slot) this.#kill(one, 'DD');
      }
      front.frontend.close(slot);
    });
  }

  cut(thread: number): void {
    const member = this.at(thread);
    if (member === undefined) return;
    for (const one of this.#of(member.known)) this.#kill(one, undefined);
    member.front.frontend.cut();
  }

  hear(thread: number): void {
    this.at(thread)?.inbox.shift()?.();
  }

  answer(pick: number): void {
    const { pending } = this.#calls;
    if (pending.length > 0) this.#calls.deliver(pending[pick % pending.length]!);
  }

  /** Somebody hears or answers what is next. */
  goOn(): void {
    const next = this.#members.find(({ inbox }) => inbox.length > 0);
    if (next === undefined) this.answer(0);
    else this.hear(next.workerIndex);
  }

  /** Its clients and its timers are gone; but nobody knows. One always lives. */
  die(thread: number): void {
    const member = this.at(thread);
    if (member === undefined || this.#living().length === 1) return;
    member.known.isDead = true;
    member.inbox.length = 0;
    member.front.die();
  }

  reclaim(thread: number): void {
    const workerIndex = thread % this.#members.length;
    const member = this.#members[workerIndex]!;
    const { known } = member;
    if (!known.isDead || member.isReclaimed) return;
    member.isReclaimed = true;
    const { model, ledger, clients, clock } = this.#parts;
    ledger.reclaim(known.number, workerIndex);
    clients?.reclaim(known.number);
    for (const one of this.#of(known)) model.vanishes(one, clock.now());
    for (const { inbox, front: other } of this.#living()) inbox.push(() => other.frontend.queue.serve());
  }

  replace(thread: number): void {
    const workerIndex = thread % this.#members.length;
    if (this.#members[workerIndex]!.isReclaimed) this.#members[workerIndex] = this.#start(workerIndex);
  }

  /** Writes what is left of the access log. */
  flush(): void {
    for (const { front } of this.#members) front.entries();
    this.#parts.clock.advance(1_000);
  }

  #start(workerIndex: number): Member {
    const { clock, ledger, clients, pool } = this.#parts;
    const number = this.#started++;
    const front = startThread({ clock, calls: this.#calls, workerIndex }, pool.snapshot, {
      balance: this.#balance,
      limits: this.#limits,
      access: ACCESS,
      ledger,
      ...(clients === undefined ? {} : { clients }),
      thread: number,
    });
    const known = { number, snapshot: pool.snapshot, limits: this.#limits, limitsSince: 0, isDead: false, reports: [] };
    return { workerIndex, known, front, inbox: [], isReclaimed: false };
  }

  #tell(hear: (member: Member) => void): void {
    for (const member of this.#living()) member.inbox.push(() => hear(member));
  }

  #living(): readonly Member[] {
    return this.#members.filter(({ known }) => !known.isDead);
  }

  #of(known: ModelThread) {
    return [...this.#parts.model.open].filter(({ thread }) => thread === known);
  }

  #kill(one: Parameters<QueueModel['kills']>[0], cause: 'DD' | undefined): void {
    this.#parts.model.kills(one, cause, this.#parts.clock.now());
  }
}
