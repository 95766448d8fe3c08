import { randomBytes } from 'node:crypto';
import { keyedHash } from './keyed-hash.ts';

/** Words of a key at most: port, IPv6 address and zone of a client, address asked, and the client that a header names. */
export const KEY_WORDS = 16;

export const NO_SLOT = -1;

const FIRST_BUCKETS = 256;
const FIRST_SLOTS = 64;

/**
 * Finds the session of a client: open addressing with linear probing over typed arrays (Knuth, volume 3, 6.4, algorithms L
 * and R), so that a look-up makes no object. At most half of the buckets are taken.
 */
export class SessionTable {
  readonly #seed = new Int32Array(new Uint8Array(randomBytes(8)).buffer);
  /** Slot + 1 of a session; 0 is empty. */
  #buckets = new Int32Array(FIRST_BUCKETS);
  #count = 0;
  // By slot:
  #keys = new Uint32Array(FIRST_SLOTS * KEY_WORDS);
  #lengths = new Uint8Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS);
  /** Of the key that was looked for last. */
  #hash = 0;

  get size(): number {
    return this.#count;
  }

  /** @param length words that the key has @returns the slot, or NO_SLOT */
  find(key: Uint32Array, length: number): number {
    const hash = keyedHash(key, length, this.#seed);
    this.#hash = hash;
    const mask = this.#buckets.length - 1;
    for (let bucket = hash & mask; ; bucket = (bucket + 1) & mask) {
      const slot = this.#buckets[bucket]! - 1;
      if (slot < 0) return NO_SLOT;
      if (this.#hashes[slot] === hash && this.#isKeyOf(slot, key, length)) return slot;
    }
  }

  /** Adds the key that `find` has just not found. @param slot that no session has now */
  add(slot: number, key: Uint32Array, length: number): void {
    if (slot >= this.#hashes.length) this.#growSlots(slot);
    if (2 * (this.#count + 1) > this.#buckets.length) this.#growBuckets();
    for (let word = 0; word < length; word++) this.#keys[slot * KEY_WORDS + word] = key[word]!;
    this.#lengths[slot] = length;
    this.#hashes[slot] = this.#hash;
    this.#count += 1;
    this.#enter(slot);
  }

  /** @returns false where it was not in the table */
  delete(slot: number): boolean {
    const mask = this.#buckets.length - 1;
    let bucket = this.#hashes[slot]! & mask;
    while (this.#buckets[bucket] !== slot + 1) {
      if (this.#buckets[bucket] === 0) return false;
      bucket = (bucket + 1) & mask;
    }
    this.#count -= 1;
    // Those behind it that would not be found over an empty bucket move up.
    for (let next = (bucket + 1) & mask; this.#buckets[next] !== 0; next = (next + 1) & mask) {
      const wanted = this.#hashes[this.#buckets[next]! - 1]! & mask;
      if (((next - wanted) & mask) < ((next - bucket) & mask)) continue;
      this.#buckets[bucket] = this.#buckets[next]!;
      bucket = next;
    }
    this.#buckets[bucket] = 0;
    return true;
  }

  /** Of a slot that was added, also once it was deleted, until another takes it. @returns words of the key */
  readKey(slot: number, into: Uint32Array): number {
    const length = this.#lengths[slot]!;
    for (let word = 0; word < length; word++) into[word] = this.#keys[slot * KEY_WORDS + word]!;
    return length;
  }

  #isKeyOf(slot: number, key: Uint32Array, length: number): boolean {
    if (this.#lengths[slot] !== length) return false;
    const at = slot * KEY_WORDS;
    for (let word = 0; word < length; word++) if (this.#keys[at + word] !== key[word]) return false;
    return true;
  }

  #enter(slot: number): void {
    const mask = this.#buckets.length - 1;
    let bucket = this.#hashes[slot]! & mask;
    while (this.#buckets[bucket] !== 0) bucket = (bucket + 1) & mask;
    this.#buckets[bucket] = slot + 1;
  }

  #growBuckets(): void {
    const old = this.#buckets;
    this.#buckets = new Int32Array(2 * old.length);
    for (const entry of old) if (entry !== 0) this.#enter(entry - 1);
  }

  #growSlots(slot: number): void {
    const slots = Math.max(2 * this.#hashes.length, slot + 1);
    this.#keys = copied(new Uint32Array(slots * KEY_WORDS), this.#keys);
    this.#lengths = copied(new Uint8Array(slots), this.#lengths);
    this.#hashes = copied(new Int32Array(slots), this.#hashes);
  }
}

function copied<Words extends Int32Array | Uint32Array | Uint8Array>(larger: Words, from: Words): Words {
  larger.set(from);
  return larger;
}
