import { randomFillSync } from 'node:crypto';

import { ClientEntries } from './client-entries.ts';
import {
  CONNECTED,
  ENTRIES,
  EVICTED,
  FORGOTTEN,
  USED_ENTRIES,
  LOCK,
  MAX_ENTRIES,
  SEED,
  heldBytes,
  tableBytes,
  type ClientMemory,
} from './client-layout.ts';
import { SharedLock } from './shared-lock.ts';

/** The main thread's number at the lock; those of threads follow. */
const MAIN = 1;
const FIRST_THREAD = 2;
/** A section takes less than a microsecond: a thread that holds the lock longer has most likely died with it. */
const LOCK_TIMEOUT_MS = 100;

export interface ClientTotals {
  /** Clients with an entry; those that are gone keep theirs until it is needed. */
  readonly known: number;
  /** Clients with a connection. */
  readonly connected: number;
  /** How often an entry was taken from a client for another one. */
  readonly evicted: number;
  /** How many of these had a bucket that was not full again, or were still to stick to a backend. */
  readonly forgotten: number;
}

/**
 * What the threads of a server know together of its clients, as its owner, the control plane, sees it: opens it for
 * threads, tells the totals, and reclaims what a dead thread held.
 */
export class ClientTable {
  readonly #table: SharedArrayBuffer;
  readonly #entriesCount: number;
  readonly #entries: ClientEntries;
  readonly #lock: SharedLock;
  readonly #threads = new Map<number, SharedArrayBuffer>();
  /** What dead threads held and could not be reclaimed yet. */
  #pendingReclaim: SharedArrayBuffer[] = [];

  /**
   * @param entries how many clients it can know; no fewer than can be connected at a time, so that none is FULL
   * @throws RangeError when it is not an integer from 1 to MAX_ENTRIES
   */
  constructor(entries: number) {
    if (!Number.isInteger(entries) || entries < 1 || entries > MAX_ENTRIES)
      throw new RangeError(`a client table has 1 to ${MAX_ENTRIES} entries, not ${entries}`);
    this.#table = new SharedArrayBuffer(tableBytes(entries));
    this.#entriesCount = entries;
    const words = new Int32Array(this.#table);
    words[ENTRIES] = entries;
    words.set(randomFillSync(new Int32Array(2)), SEED);
    this.#entries = new ClientEntries(this.#table);
    this.#lock = new SharedLock(words, LOCK, MAIN);
  }

  /** Opens the table for a thread. The same number opens the same memory again. */
  open(thread: number): ClientMemory {
    let held = this.#threads.get(thread);
    if (held === undefined) {
      held = new SharedArrayBuffer(heldBytes(this.#entriesCount));
      this.#threads.set(thread, held);
    }
    return { table: this.#table, held, owner: FIRST_THREAD + thread };
  }

  /**
   * A thread died: releases what it held, and the lock if it held that. When another one has died with the lock, this
   * one's share is released when that one's is.
   */
  reclaim(thread: number): void {
    const held = this.#threads.get(thread);
    if (held === undefined) return;
    this.#threads.delete(thread);
    if (this.#lock.holder === FIRST_THREAD + thread) {
      this.#entries.rebuild([...this.#threads.values()].map((own) => new Int32Array(own)));
      this.#pendingReclaim = [];
      this.#lock.free();
      return;
    }
    this.#pendingReclaim.push(held);
    this.#lock.wake();
    this.#reclaimPending(LOCK_TIMEOUT_MS);
  }

  totals(): ClientTotals {
    this.#reclaimPending(0);
    const words = new Int32Array(this.#table);
    const floats = new Float64Array(this.#table);
    return {
      known: Atomics.load(words, USED_ENTRIES),
      connected: Atomics.load(words, CONNECTED),
      evicted: floats[EVICTED]!,
      forgotten: floats[FORGOTTEN]!,
    };
  }

  #reclaimPending(timeoutMs: number): void {
    if (this.#pendingReclaim.length === 0 || !this.#lock.acquireWithin(timeoutMs)) return;
    for (const held of this.#pendingReclaim) this.#entries.release(new Int32Array(held));
    this.#pendingReclaim = [];
    this.#lock.release();
  }
}
