import { CAUSE_CODES } from '../core/cause.ts';

/**
 * The memory of one server's ledger, shared by all threads:
 *
 *     words    Int32    [ server's active | spare | cursor of tier 0 … 61 | active of slot 0, 1, 2, … ]     atomics
 *     marks    Int32    [ row of slot 0 | row of slot 1 | … ]: whether its last dial failed, failures, aside  atomics
 *     rates    Float64  [ rx and tx a second of slot 0, 1, 2, … ]                      written by the control plane
 *     tallies  Float64  [ server's tallies | causes | row of slot 0 | row of slot 1 | … ]     one for each thread
 *
 * Each thread writes only its own tallies, so they need no atomics: a Float64 is one aligned 64-bit store on every
 * machine Node runs on, and integers stay exact to 2^53.
 */
export const SERVER_ACTIVE = 0;
export const FIRST_CURSOR = 2;
export const CURSORS = 62;
export const FIRST_ACTIVE = FIRST_CURSOR + CURSORS;

/** What is counted of the server as a whole, by thread. `open` and `waiting` are gauges: what this thread holds now. */
export const SERVER_TALLIES = [
  'accepted',
  'denied',
  'tooMany',
  'tooFast',
  'rejected',
  'turnedAway',
  'queued',
  'waiting',
  'retried',
  'open',
  'rx',
  'tx',
] as const;

/** What is counted of each backend, by thread. `open` is a gauge: the reservations this thread holds now. */
export const BACKEND_TALLIES = ['total', 'refused', 'retried', 'open', 'rx', 'tx'] as const;

export type ServerTally = (typeof SERVER_TALLIES)[number];
export type BackendTally = (typeof BACKEND_TALLIES)[number];

export const FIRST_CAUSE = SERVER_TALLIES.length;
export const FIRST_ROW = FIRST_CAUSE + CAUSE_CODES.length;
export const ROW = BACKEND_TALLIES.length;

/** Words of a slot's row of marks: 1 where the last dial failed; failures that count; whether it is set aside. */
export const MARK_FAILING = 0;
export const MARK_FAILURES = 1;
export const MARK_ASIDE = 2;
export const MARKS = 3;

/** It gets clients. */
export const IN_USE = 0;
/** It failed too often, and gets none. */
export const SET_ASIDE = 1;
/** It gets one client, to be tried by. */
export const ON_TRIAL = 2;
/** Plus the number of the thread that has that client. */
export const BEING_TRIED = 3;

/** Backends that one server may have, those still draining included. Only what is used takes memory. */
export const MAX_SLOTS = 65_536;

/** What a thread needs to open the ledger. The buffers grow in place, so it stays valid. */
export interface LedgerMemory {
  readonly words: SharedArrayBuffer;
  readonly marks: SharedArrayBuffer;
  readonly rates: SharedArrayBuffer;
  /** @see QueueWords */
  readonly queue: SharedArrayBuffer;
  /** This thread's own. */
  readonly tallies: SharedArrayBuffer;
  /** Number of this thread. */
  readonly thread: number;
}

export function wordsBytes(slots: number): number {
  return (FIRST_ACTIVE + slots) * Int32Array.BYTES_PER_ELEMENT;
}

export function marksBytes(slots: number): number {
  return slots * MARKS * Int32Array.BYTES_PER_ELEMENT;
}

export function ratesBytes(slots: number): number {
  return slots * 2 * Float64Array.BYTES_PER_ELEMENT;
}

export function talliesBytes(slots: number): number {
  return (FIRST_ROW + slots * ROW) * Float64Array.BYTES_PER_ELEMENT;
}
