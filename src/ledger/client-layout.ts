/**
 * The memory of one server's clients, shared by all threads:
 *
 *     table  [ lock | figures | entry 0 | entry 1 | … | entry n ]    64 bytes each, so that each is one cache line
 *            [ bucket 0, 1, 2, … ]                                   Int32, a power of two of them
 *     entry  [ 4 words of address | next in bucket | older | newer | active | waiting | serial ]              Int32
 *            [ tokens | when there were as many | stuck until ]                                                Float64
 *     held   [ active and waiting of entry 0, 1, 2, … ]              Int32, one for each thread, which alone writes it
 *
 * All but the lock is read and written by the holder of the lock, without atomics: taking and releasing it order them.
 * The figures are also read without it, each for itself. Links are numbers of entries, 0 is none. Entry 0 belongs to no
 * client: it closes the ring of the idle, from the longest idle (its `newer`) to the last (its `older`). Zeroed memory is
 * an empty table, and an entry takes memory only once it is used.
 */
const LINE_BYTES = 64;
const LINE_WORDS = LINE_BYTES / Int32Array.BYTES_PER_ELEMENT;
const LINE_FLOATS = LINE_BYTES / Float64Array.BYTES_PER_ELEMENT;
const FIRST_ENTRY_LINE = 2;

export const LOCK = 0;

// Words of the figures.
export const ENTRIES = LINE_WORDS;
export const SEED = LINE_WORDS + 1;
/** Entries that have been used; they are the first ones. */
export const USED_ENTRIES = LINE_WORDS + 3;
/** Entries with a connection. */
export const CONNECTED = LINE_WORDS + 4;

// Floats of the figures.
export const EVICTED = LINE_FLOATS + 4;
export const FORGOTTEN = LINE_FLOATS + 5;

// Words of an entry.
export const ADDRESS = 0;
export const ADDRESS_WORDS = 4;
export const NEXT = 4;
export const OLDER = 5;
export const NEWER = 6;
export const ACTIVE = 7;
export const WAITING = 8;
export const SERIAL = 9;

// Floats of an entry.
export const TOKENS = 5;
export const TOKENS_AT = 6;
export const STUCK_UNTIL = 7;

// Words of an entry in `held`.
const HELD_WORDS = 2;
export const HELD_ACTIVE = 0;
export const HELD_WAITING = 1;

/** Of entries, as a link and as an answer. */
export const NONE = 0;

export const MAX_ENTRIES = 2 ** 24;

/** What a thread needs to open a table. */
export interface ClientMemory {
  readonly table: SharedArrayBuffer;
  /** This thread's own. */
  readonly held: SharedArrayBuffer;
  /** Its number at the lock. */
  readonly owner: number;
}

export function wordOf(entry: number): number {
  return (FIRST_ENTRY_LINE + entry) * LINE_WORDS;
}

export function floatOf(entry: number): number {
  return (FIRST_ENTRY_LINE + entry) * LINE_FLOATS;
}

export function heldWordOf(entry: number): number {
  return entry * HELD_WORDS;
}

/** As many as entries, or more; at least two, so that the table is made of whole floats. */
export function bucketsFor(entries: number): number {
  return Math.max(2, 2 ** Math.ceil(Math.log2(entries)));
}

/** After the last entry. */
export function firstBucket(entries: number): number {
  return wordOf(entries + 1);
}

export function tableBytes(entries: number): number {
  return (firstBucket(entries) + bucketsFor(entries)) * Int32Array.BYTES_PER_ELEMENT;
}

export function heldBytes(entries: number): number {
  return heldWordOf(entries + 1) * Int32Array.BYTES_PER_ELEMENT;
}
