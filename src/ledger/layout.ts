import { CAUSE_CODES } from '../core/cause.ts';
import type { DatagramDrop } from '../core/datagrams.ts';
import type { HelloOutcome } from '../core/server-names.ts';
import { HISTOGRAMS_WIDTH } from './histogram-columns.ts';

/**
 * The memory of one server's ledger, shared by all threads:
 *
 *     words          Int32    [ occupancy of the server | occupancy of slot 0, 1, 2, … ]                atomics
 *     cursors        Int32    [ cursor 0, 1, 2, …, at least as many as slots ]                          atomics
 *     failureStates  Int32    [ row of slot 0 | row of slot 1 | … ]                                     atomics
 *     rates          Float64  [ rx and tx a second of slot 0, 1, 2, … ]          written by the control plane
 *     counters       Float64  [ server's counters | causes | histograms | row of slot 0 | row of slot 1 | … ]
 *                                                                                one for each thread
 *
 * An occupancy is two words: connections in use, and their peak. Each thread writes only its own counters, so they need no
 * atomics: a Float64 is one aligned 64-bit store on every machine Node runs on, and integers stay exact to 2^53.
 */
export const SERVER_OCCUPANCY = 0;
const OCCUPANCY_WORDS = 2;
/** In another cache line than the server's, which changes with each connection. */
const FIRST_OCCUPANCY = 16;

/**
 * What is counted of the server as a whole, by thread; its bytes are those of its backends. `open` and `waiting` are
 * gauges: what this thread holds now.
 */
export const SERVER_COUNTERS = [
  'accepted',
  'denied',
  'overClientLimit',
  'overClientRate',
  'noBackend',
  'noResources',
  'queued',
  'waiting',
  'retried',
  'open',
  'droppedTruncated',
  'droppedOverflow',
  'droppedFull',
  'droppedQueue',
  'droppedHeader',
  'droppedUnsent',
  'helloNamed',
  'helloNoName',
  'helloNotTls',
  'helloTimedOut',
  'helloTooLong',
  'helloCutShort',
] as const;

/** What is counted of each backend, by thread. `open` is a gauge: the reservations this thread holds now. */
export const BACKEND_COUNTERS = [
  'total',
  'refused',
  'retried',
  'open',
  'rx',
  'tx',
  'rxDatagrams',
  'txDatagrams',
] as const;

export type ServerCounter = (typeof SERVER_COUNTERS)[number];
export type BackendCounter = (typeof BACKEND_COUNTERS)[number];

/** Where datagrams are counted that went no further. */
export const DROP_COUNTER = {
  truncated: 'droppedTruncated',
  overflow: 'droppedOverflow',
  full: 'droppedFull',
  queue: 'droppedQueue',
  header: 'droppedHeader',
  unsent: 'droppedUnsent',
} as const satisfies Record<DatagramDrop, ServerCounter>;

/** Where clients are counted by how their hello came out. */
export const HELLO_COUNTER = {
  named: 'helloNamed',
  no_name: 'helloNoName',
  not_tls: 'helloNotTls',
  timed_out: 'helloTimedOut',
  too_long: 'helloTooLong',
  cut_short: 'helloCutShort',
} as const satisfies Record<HelloOutcome, ServerCounter>;

export const SERVER_COLUMN = columns(SERVER_COUNTERS, 0);
const FIRST_CAUSE = SERVER_COUNTERS.length;
export const CAUSE_COLUMN = columns(CAUSE_CODES, FIRST_CAUSE);
export const FIRST_HISTOGRAM = FIRST_CAUSE + CAUSE_CODES.length;
/** Of all that is counted of the server as a whole. */
export const SERVER_WIDTH = FIRST_HISTOGRAM + HISTOGRAMS_WIDTH;
export const ROW_WIDTH = BACKEND_COUNTERS.length;
/** In its slot's row. */
export const BACKEND_COLUMN = columns(BACKEND_COUNTERS, 0);

/** A slot's row of failure states: 1 where its last dial failed, failures that count, and whether it is ejected. */
export const LAST_DIAL_FAILED = 0;
export const FAILURE_COUNT = 1;
export const EJECTION = 2;
export const FAILURE_WORDS = 3;

/** Values of EJECTION: it gets clients. */
export const IN_SERVICE = 0;
/** It failed too often, and gets none. */
export const EJECTED = 1;
/** It may get one client, as a probe. */
export const PROBING = 2;
/** Plus the number of the thread that has that client. */
export const BEING_PROBED = 3;

/** Backends that one server may have, those still draining included. Only what is used takes memory. */
export const MAX_SLOTS = 65_536;

/** What a thread needs to open the ledger. The buffers grow in place, so it stays valid. */
export interface LedgerMemory {
  readonly words: SharedArrayBuffer;
  readonly cursors: SharedArrayBuffer;
  readonly failureStates: SharedArrayBuffer;
  readonly rates: SharedArrayBuffer;
  /** @see QueueWords */
  readonly queue: SharedArrayBuffer;
  /** This thread's own. */
  readonly counters: SharedArrayBuffer;
  /** Number of this thread. */
  readonly thread: number;
}

/** Where the occupancy of a slot stands among the words. */
export function occupancyOf(slot: number): number {
  return FIRST_OCCUPANCY + slot * OCCUPANCY_WORDS;
}

/** Where the row of a slot begins among the counters. */
export function rowOf(slot: number): number {
  return SERVER_WIDTH + slot * ROW_WIDTH;
}

export function wordsBytes(slots: number): number {
  return occupancyOf(slots) * Int32Array.BYTES_PER_ELEMENT;
}

/** Where backends have names, a backend is in several lists: so many cursors for all of them, at most. */
export const MAX_CURSORS = 4 * MAX_SLOTS;

/**
 * One for each slot: a list that has a cursor holds at least one backend, and no two hold the same. More are added when a
 * thread asks for them.
 */
export function cursorsBytes(slots: number): number {
  return slots * Int32Array.BYTES_PER_ELEMENT;
}

/** Another thread may do the same at this moment: then it is as large as is wanted, or larger. */
export function growTo(memory: SharedArrayBuffer, bytes: number): void {
  while (memory.byteLength < bytes) {
    try {
      memory.grow(bytes);
    } catch (thrown) {
      if (memory.byteLength < bytes) throw thrown;
    }
  }
}

export function failureStatesBytes(slots: number): number {
  return slots * FAILURE_WORDS * Int32Array.BYTES_PER_ELEMENT;
}

export function ratesBytes(slots: number): number {
  return slots * 2 * Float64Array.BYTES_PER_ELEMENT;
}

export function countersBytes(slots: number): number {
  return rowOf(slots) * Float64Array.BYTES_PER_ELEMENT;
}

/** Name to place. The names are all there, so the type says so. */
function columns<Name extends string>(names: readonly Name[], first: number): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, first + index])) as Record<Name, number>;
}
