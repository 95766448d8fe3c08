import type { ClientRules } from '../../../src/ledger/thread-clients.ts';

interface Known {
  readonly client: number;
  readonly entry: number;
  /** By thread. */
  readonly active: number[];
  readonly waiting: number[];
  /** When it came in. */
  readonly cameIn: number[];
  serial: number;
  stuckUntil: number;
}

export type Refusal = 'too many' | 'too fast' | 'full';

/** What a table of clients is to know, told in maps and sums. */
export class ClientModel {
  readonly #entries: number;
  readonly #rules: ClientRules;
  readonly #threads: number;
  /** In the order of their last use, as far as they are idle. */
  #known: Known[] = [];
  #evicted = 0;
  #forgotten = 0;

  constructor(entries: number, rules: ClientRules, threads: number) {
    this.#entries = entries;
    this.#rules = rules;
    this.#threads = threads;
  }

  /** @returns the client's entry */
  enter(thread: number, client: number, nowMs: number): number | Refusal {
    const { maxConnections, rate } = this.#rules;
    const known = this.#of(client) ?? this.#introduce(client, nowMs);
    if (known === undefined) return 'full';
    if (maxConnections > 0 && sum(known.active) >= maxConnections) return 'too many';
    this.#use(known);
    if (rate !== undefined && this.#tokens(known, nowMs) < 1) return 'too fast';
    known.active[thread]! += 1;
    known.cameIn.push(nowMs);
    return known.entry;
  }

  /** What the thread holds of a client. */
  held(thread: number, client: number) {
    const known = this.#of(client);
    return { entry: known?.entry ?? 0, active: known?.active[thread] ?? 0, waiting: known?.waiting[thread] ?? 0 };
  }

  leave(thread: number, client: number): void {
    const known = this.#of(client)!;
    known.active[thread]! -= 1;
    this.#use(known);
  }

  wait(thread: number, client: number): boolean {
    const { waiting } = this.#of(client)!;
    if (this.#rules.maxWaiting > 0 && sum(waiting) >= this.#rules.maxWaiting) return false;
    waiting[thread]! += 1;
    return true;
  }

  stopWaiting(thread: number, client: number): void {
    this.#of(client)!.waiting[thread]! -= 1;
  }

  stuckTo(client: number, nowMs: number): number {
    const known = this.#of(client)!;
    if (nowMs >= known.stuckUntil) return 0;
    known.stuckUntil = nowMs + this.#rules.stickyMs;
    return known.serial;
  }

  stick(client: number, serial: number, nowMs: number): void {
    const known = this.#of(client)!;
    known.serial = serial;
    known.stuckUntil = serial === 0 ? 0 : nowMs + this.#rules.stickyMs;
  }

  /** @param isAtWork it leaves the table in disorder; then the idle are in the order of their entries */
  reclaim(thread: number, isAtWork: boolean): void {
    const byEntry = this.#known.toSorted((one, other) => one.entry - other.entry);
    if (isAtWork) this.#known = byEntry;
    for (const known of byEntry) {
      if (known.active[thread] === sum(known.active) && known.active[thread] > 0 && !isAtWork) this.#use(known);
      known.active[thread] = 0;
      known.waiting[thread] = 0;
    }
  }

  totals() {
    const connected = this.#known.filter(({ active }) => sum(active) > 0).length;
    return { known: this.#known.length, connected, evicted: this.#evicted, forgotten: this.#forgotten };
  }

  #of(client: number): Known | undefined {
    return this.#known.find((known) => known.client === client);
  }

  #use(known: Known): void {
    this.#known.splice(this.#known.indexOf(known), 1);
    this.#known.push(known);
  }

  #introduce(client: number, nowMs: number): Known | undefined {
    let entry = this.#known.length + 1;
    if (entry > this.#entries) {
      const oldest = this.#known.find(({ active }) => sum(active) === 0);
      if (oldest === undefined) return undefined;
      entry = oldest.entry;
      this.#known.splice(this.#known.indexOf(oldest), 1);
      this.#evicted += 1;
      if (this.#wouldBeMissed(oldest, nowMs)) this.#forgotten += 1;
    }
    const none = () => Array.from({ length: this.#threads }, () => 0);
    const known = { client, entry, active: none(), waiting: none(), cameIn: [], serial: 0, stuckUntil: 0 };
    this.#known.push(known);
    return known;
  }

  #wouldBeMissed(known: Known, nowMs: number): boolean {
    const { rate } = this.#rules;
    return nowMs < known.stuckUntil || (rate !== undefined && this.#tokens(known, nowMs) < rate.burst);
  }

  /** What each stretch of time that ends now leaves of what the rate gives in it; the least of these. */
  #tokens({ cameIn }: Known, nowMs: number): number {
    const { burst, perMs } = this.#rules.rate!;
    return cameIn.reduce(
      (least, fromMs, i) => Math.min(least, burst + (nowMs - fromMs) * perMs - (cameIn.length - i)),
      burst,
    );
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
