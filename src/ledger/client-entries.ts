import {
  ACTIVE,
  ADDRESS,
  ADDRESS_WORDS,
  CONNECTED,
  ENTRIES,
  EVICTED,
  HELD_ACTIVE,
  HELD_WAITING,
  USED_ENTRIES,
  NEWER,
  NEXT,
  NONE,
  OLDER,
  SEED,
  STUCK_UNTIL,
  TOKENS,
  WAITING,
  bucketsFor,
  firstBucket,
  floatOf,
  heldWordOf,
  wordOf,
} from './client-layout.ts';
import { keyedHash } from './keyed-hash.ts';

/** The anchor of the ring of idle entries. */
const IDLE = 0;

/**
 * Which client has which entry: a chained hash table, and the entries without a connection in the order of their last
 * use. Each method but `bucketOf` is for the holder of the lock.
 */
export class ClientEntries {
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #entries: number;
  readonly #firstBucket: number;
  readonly #mask: number;
  readonly #seed0: number;
  readonly #seed1: number;

  constructor(table: SharedArrayBuffer) {
    this.#words = new Int32Array(table);
    this.#floats = new Float64Array(table);
    this.#entries = this.#words[ENTRIES]!;
    this.#firstBucket = firstBucket(this.#entries);
    this.#mask = bucketsFor(this.#entries) - 1;
    this.#seed0 = this.#words[SEED]!;
    this.#seed1 = this.#words[SEED + 1]!;
  }

  /** Where to look for an address. Needs no lock. */
  bucketOf(address: Int32Array): number {
    return this.#bucketAt(address, 0);
  }

  /** @param bucket that of the address @returns NONE for a client that is not known */
  find(address: Int32Array, bucket: number): number {
    const words = this.#words;
    for (let entry = words[bucket]!; entry !== NONE; entry = words[wordOf(entry) + NEXT]!) {
      const at = wordOf(entry) + ADDRESS;
      if (
        words[at] === address[0] &&
        words[at + 1] === address[1] &&
        words[at + 2] === address[2] &&
        words[at + 3] === address[3]
      )
        return entry;
    }
    return NONE;
  }

  isUsed(entry: number): boolean {
    return entry <= this.#words[USED_ENTRIES]!;
  }

  /** An entry for a new client: an unused one, else the longest idle. NONE when all are in use. */
  spare(): number {
    const used = this.#words[USED_ENTRIES]!;
    return used < this.#entries ? used + 1 : this.#words[wordOf(IDLE) + NEWER]!;
  }

  /**
   * Gives a spare entry to a client, idle, with a full bucket and sticking to nothing. In the order in which it is done
   * no client inherits anything if this thread dies in it.
   */
  assign(entry: number, address: Int32Array, bucket: number): void {
    const words = this.#words;
    const isUsed = this.isUsed(entry);
    if (isUsed) {
      this.#unchain(entry);
      this.#removeIdle(entry);
      this.#floats[EVICTED]! += 1;
    }
    // As many as fit, whatever the rate will be.
    this.#floats[floatOf(entry) + TOKENS] = Infinity;
    this.#floats[floatOf(entry) + STUCK_UNTIL] = 0;
    const at = wordOf(entry);
    for (let i = 0; i < ADDRESS_WORDS; i++) words[at + ADDRESS + i] = address[i]!;
    this.#chain(entry, bucket);
    this.#addIdle(entry);
    if (!isUsed) words[USED_ENTRIES] = entry;
  }

  /** Counts a connection. */
  enter(entry: number): void {
    const words = this.#words;
    const active = wordOf(entry) + ACTIVE;
    if (words[active] === 0) {
      this.#removeIdle(entry);
      words[CONNECTED]! += 1;
    }
    words[active]! += 1;
  }

  /** @param connections how many have ended, at least one */
  leave(entry: number, connections: number): void {
    const words = this.#words;
    const active = wordOf(entry) + ACTIVE;
    words[active]! -= connections;
    if (words[active] !== 0) return;
    words[CONNECTED]! -= 1;
    this.#addIdle(entry);
  }

  /** An idle entry was asked for. */
  touch(entry: number): void {
    this.#removeIdle(entry);
    this.#addIdle(entry);
  }

  /** Takes off what a thread held. */
  release(held: Int32Array): void {
    const used = this.#words[USED_ENTRIES]!;
    for (let entry = 1; entry <= used; entry++) {
      const active = held[heldWordOf(entry) + HELD_ACTIVE]!;
      this.#words[wordOf(entry) + WAITING]! -= held[heldWordOf(entry) + HELD_WAITING]!;
      if (active > 0) this.leave(entry, active);
    }
  }

  /**
   * Makes all links and counts anew, after a thread died at work on them. Of the idle it does not know any more how
   * long they have been. The entry that was being assigned may have part of an address; it is idle.
   * @param held of the threads that live
   */
  rebuild(held: readonly Int32Array[]): void {
    const words = this.#words;
    const used = words[USED_ENTRIES]!;
    words.fill(NONE, this.#firstBucket);
    words[wordOf(IDLE) + OLDER] = IDLE;
    words[wordOf(IDLE) + NEWER] = IDLE;
    words[CONNECTED] = 0;
    for (let entry = 1; entry <= used; entry++) {
      const at = wordOf(entry);
      words[at + ACTIVE] = sum(held, heldWordOf(entry) + HELD_ACTIVE);
      words[at + WAITING] = sum(held, heldWordOf(entry) + HELD_WAITING);
      if (words[at + ACTIVE] !== 0) {
        words[CONNECTED]! += 1;
        continue;
      }
      this.#chain(entry, this.#bucketOfEntry(entry));
      this.#addIdle(entry);
    }
    // Last, so that they come first in their chains: an idle one may seem to be of the same client by that part.
    for (let entry = 1; entry <= used; entry++) {
      if (words[wordOf(entry) + ACTIVE] !== 0) this.#chain(entry, this.#bucketOfEntry(entry));
    }
  }

  #bucketOfEntry(entry: number): number {
    return this.#bucketAt(this.#words, wordOf(entry) + ADDRESS);
  }

  #bucketAt(words: Int32Array, from: number): number {
    return this.#firstBucket + (keyedHash(words, from, this.#seed0, this.#seed1) & this.#mask);
  }

  #chain(entry: number, bucket: number): void {
    this.#words[wordOf(entry) + NEXT] = this.#words[bucket]!;
    this.#words[bucket] = entry;
  }

  #unchain(entry: number): void {
    const words = this.#words;
    let link = this.#bucketOfEntry(entry);
    while (words[link] !== entry) link = wordOf(words[link]!) + NEXT;
    words[link] = words[wordOf(entry) + NEXT]!;
  }

  #addIdle(entry: number): void {
    const words = this.#words;
    const last = words[wordOf(IDLE) + OLDER]!;
    words[wordOf(entry) + OLDER] = last;
    words[wordOf(entry) + NEWER] = IDLE;
    words[wordOf(last) + NEWER] = entry;
    words[wordOf(IDLE) + OLDER] = entry;
  }

  #removeIdle(entry: number): void {
    const words = this.#words;
    const older = words[wordOf(entry) + OLDER]!;
    const newer = words[wordOf(entry) + NEWER]!;
    words[wordOf(older) + NEWER] = newer;
    words[wordOf(newer) + OLDER] = older;
  }
}

function sum(held: readonly Int32Array[], word: number): number {
  let total = 0;
  for (const own of held) total += own[word]!;
  return total;
}
