import type { ElectionContext } from './context.ts';
import type { Random } from './random.ts';

/** A backend that a balancer may choose. */
export interface Member {
  readonly slot: number;
  /** `host:port`; members come sorted by it, in byte order. */
  readonly key: string;
  /** At least 1. */
  readonly weight: number;
}

/** The state of the backends at this moment, for one connection. Slots are those of the members. */
export interface Capacity {
  /** Connections that the backend holds now, over all threads. */
  active(slot: number): number;
  /** Bytes a second in both directions, as last sampled. */
  bandwidth(slot: number): number;
  /** Whether `reserve` would have succeeded now: below its limit, and not yet tried by this connection. */
  hasRoom(slot: number): boolean;
  /** Reserves one connection; false when another took the last place meanwhile or this connection has tried it. */
  reserve(slot: number): boolean;
}

/** In place of a slot: no member has room. */
export const NO_BACKEND = -1;

/** How one of a list of members is chosen: a balancer, prepared for it. */
export interface Selection {
  /**
   * Chooses a member and reserves a connection at it in one step.
   * @returns its slot; NO_BACKEND only when no member has room
   */
  elect(context: ElectionContext, capacity: Capacity): number;
}

/** Counts 0, 1, 2, … up to 2^32 − 1 and begins again; one count for all threads of a server. */
export interface Cursor {
  next(): number;
}

export interface BalancerTools {
  readonly cursor: Cursor;
  readonly random: Random;
}

/** A way to choose. Closed: no clock, no I/O, no state but what it prepared and its tools. */
export interface Balancer {
  /**
   * Whether members of weight 0 are a backup: they form a list of their own, each with weight 1, that is asked after
   * the others of their priority. Where false, weights are ignored and the list holds all.
   */
  readonly weighted: boolean;
  /** @param members at least one, in byte order of their keys */
  prepare(members: readonly Member[], tools: BalancerTools): Selection;
}
