import {
  WORKERS_PAIRS,
  WORKERS_ACCEPTING,
  WORKERS_WORDS,
  MOST_PAIRS,
  OPEN_PAIRS,
  type DescriptorBudget,
} from '../../core/descriptor-budget.ts';
import { openFilesLimit } from '../../io/open-files.ts';
import type { EngineKind } from '../engines/registry.ts';
import { readdirSync } from 'node:fs';

/** Descriptors of a pair: the client's and the backend's. */
const PER_PAIR = 2;

/** Left for files, name lookups, a dial to the next address and the log. */
const RESERVE = 12;

const UNLIMITED = 2 ** 31 - 1;

/**
 * How many connections the descriptors of this process allow, from proc(5): the soft limit less what is open for other
 * purposes. Where there is no /proc the count is unlimited and the system's own errors decide.
 */
export class DescriptorLimit {
  readonly #shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  readonly #words = new Int32Array(this.#shared);
  readonly #workers = new Map<EngineKind, SharedArrayBuffer>();

  constructor() {
    this.#words[MOST_PAIRS] = UNLIMITED;
  }

  /** For a new thread of this engine. */
  budget(engine: EngineKind): DescriptorBudget {
    const workers = this.#workers.get(engine) ?? new SharedArrayBuffer(WORKERS_WORDS * Int32Array.BYTES_PER_ELEMENT);
    this.#workers.set(engine, workers);
    return { shared: this.#shared, workers, held: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT) };
  }

  /** The thread of this budget has died. */
  reclaim({ workers, held }: DescriptorBudget): void {
    const pairs = Atomics.exchange(new Int32Array(held), 0, 0);
    Atomics.sub(this.#words, OPEN_PAIRS, pairs);
    Atomics.sub(new Int32Array(workers), WORKERS_PAIRS, pairs);
  }

  /** Of an engine, how many threads have binds: those that clients are shared among. */
  share(engine: EngineKind, threads: number): void {
    const workers = this.#workers.get(engine);
    if (workers !== undefined) Atomics.store(new Int32Array(workers), WORKERS_ACCEPTING, threads);
  }

  /** To be called when listeners or threads came or went. */
  measure(): void {
    const allowed = openFilesLimit();
    const open = openDescriptors();
    if (allowed === undefined || open === undefined) return;
    const pairs = Atomics.load(this.#words, OPEN_PAIRS);
    const others = Math.max(0, open - pairs * PER_PAIR);
    Atomics.store(this.#words, MOST_PAIRS, Math.max(1, Math.floor((allowed - others - RESERVE) / PER_PAIR)));
  }

  get pairs(): number {
    return Atomics.load(this.#words, MOST_PAIRS);
  }
}

function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined; // not Linux
  }
}
