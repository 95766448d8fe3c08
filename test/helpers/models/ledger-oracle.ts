import assert from 'node:assert/strict';

import { CAUSE_CODES, type Cause } from '../../../src/core/cause.ts';
import type { HistogramName } from '../../../src/core/totals.ts';
import { ServerLedger } from '../../../src/ledger/server-ledger.ts';
import { ThreadLedger } from '../../../src/ledger/thread-ledger.ts';
import { HISTOGRAM_NAMES, KnownHistograms } from './known-histograms.ts';

export const LEDGER_ACTS = [
  'enter',
  'enter',
  'enter',
  'leave',
  'leave',
  'count',
  'dial',
  'end',
  'measure',
  'reset',
  'resetBackend',
  'die',
  'relist',
] as const;

export interface LedgerAct {
  readonly do: (typeof LEDGER_ACTS)[number];
  readonly thread: number;
  /** 0 is the server, others are backends. */
  readonly place: number;
  readonly pick: number;
}

/** What is known of a place since it was last reset. */
class KnownPlace {
  /** By thread. */
  readonly held = new Map<number, number>();
  peak = 0;
  total = 0;
  refused = 0;
  rx = 0;
  rxEver = 0;

  get active(): number {
    return [...this.held.values()].reduce((sum, count) => sum + count, 0);
  }

  hold(thread: number, change: 1 | -1): void {
    this.held.set(thread, (this.held.get(thread) ?? 0) + change);
    this.peak = Math.max(this.peak, this.active);
  }

  reset(): void {
    this.peak = this.active;
    this.total = 0;
    this.refused = 0;
    this.rx = 0;
  }
}

/** Threads at one ledger, and next to it what it has to say, as lists and maps. */
export class LedgerWorld {
  readonly #ledger = new ServerLedger();
  readonly #threads: Map<number, ThreadLedger>;
  readonly #slots: number[];
  #places: KnownPlace[];
  #made: number;
  #causes = new Map<Cause, number>();
  readonly #histograms = new KnownHistograms();

  constructor(threads: number, backends: number) {
    this.#slots = Array.from({ length: backends }, () => this.#ledger.allocate());
    this.#places = Array.from({ length: backends + 1 }, () => new KnownPlace());
    this.#threads = new Map(Array.from({ length: threads }, (_, number) => [number, this.#open(number)]));
    this.#made = threads;
  }

  play({ do: what, thread: at, place, pick }: LedgerAct): void {
    const [number, thread] = [...this.#threads][at]!;
    const known = this.#places[place]!;
    switch (what) {
      case 'enter':
        if (this.#enter(thread, place, pick % 6)) known.hold(number, 1);
        return;
      case 'leave':
        if ((known.held.get(number) ?? 0) === 0) return;
        this.#leave(thread, place);
        return known.hold(number, -1);
      case 'count':
        if (place === 0) return;
        thread.countBackend(this.#slot(place), 'rx', pick);
        for (const counting of [known, this.#places[0]!]) counting.rx += pick;
        known.rxEver += pick;
        return;
      case 'dial':
        if (place === 0) return;
        thread.countBackend(this.#slot(place), pick % 2 === 0 ? 'total' : 'refused', 1);
        for (const counting of [known, this.#places[0]!]) counting[pick % 2 === 0 ? 'total' : 'refused'] += 1;
        return;
      case 'end':
        return this.#end(thread, CAUSE_CODES[pick % CAUSE_CODES.length]!);
      case 'measure':
        return this.#measure(thread, HISTOGRAM_NAMES[place % HISTOGRAM_NAMES.length]!, pick);
      case 'reset':
        return this.#reset();
      case 'resetBackend':
        if (place === 0) return;
        this.#ledger.resetBackend(this.#slot(place));
        return known.reset();
      case 'die':
        return this.#die(number);
      case 'relist':
        return this.#relist(place);
      default:
        return what satisfies never;
    }
  }

  check(): void {
    const { active, peak, connected, refused, rx, causes, histograms } = this.#ledger.serverTotals();
    const [server, ...backends] = this.#places as [KnownPlace, ...KnownPlace[]];
    assert.deepEqual(
      { active, peak, connected, refused, rx },
      {
        ...{ active: server.active, peak: server.peak },
        ...{ connected: server.total, refused: server.refused, rx: server.rx },
      },
    );
    for (const cause of CAUSE_CODES) assert.equal(causes[cause], this.#causes.get(cause) ?? 0, cause);
    assert.deepEqual(histograms, this.#histograms.all());
    for (const [index, known] of backends.entries()) {
      const slot = this.#slot(index + 1);
      const said = this.#ledger.backendTotals(slot);
      assert.deepEqual(
        [said.active, said.peak, said.total, said.refused, said.rx, this.#ledger.bytesEver(slot).rx],
        [known.active, known.peak, known.total, known.refused, known.rx, known.rxEver],
      );
    }
  }

  #open(number: number): ThreadLedger {
    return new ThreadLedger(this.#ledger.open(number));
  }

  #slot(place: number): number {
    return this.#slots[place - 1]!;
  }

  #enter(thread: ThreadLedger, place: number, limit: number): boolean {
    return place === 0 ? thread.enterServer(limit) : thread.enterBackend(this.#slot(place), limit);
  }

  #leave(thread: ThreadLedger, place: number): void {
    if (place === 0) thread.leaveServer();
    else thread.leaveBackend(this.#slot(place));
  }

  #end(thread: ThreadLedger, cause: Cause): void {
    thread.countCause(cause);
    this.#causes.set(cause, (this.#causes.get(cause) ?? 0) + 1);
  }

  #measure(thread: ThreadLedger, name: HistogramName, value: number): void {
    thread.measure(name, value);
    this.#histograms.add(name, name === 'bytes' ? value : value / 10);
  }

  #reset(): void {
    this.#ledger.reset();
    for (const known of this.#places) known.reset();
    this.#causes = new Map();
    this.#histograms.clear();
  }

  /** Another one takes its place. */
  #die(number: number): void {
    this.#ledger.reclaim(number, number);
    for (const known of this.#places) known.held.delete(number);
    this.#threads.delete(number);
    this.#threads.set(this.#made, this.#open(this.#made));
    this.#made += 1;
  }

  /** A backend leaves, and another one gets its row. */
  #relist(place: number): void {
    if (place === 0 || this.#places[place]!.active > 0) return;
    this.#ledger.release(this.#slot(place));
    assert.equal(this.#ledger.allocate(), this.#slot(place));
    this.#places[place] = new KnownPlace();
  }
}
