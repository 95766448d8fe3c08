import { ClientEntries } from './client-entries.ts';
import { ClientKey } from './client-key.ts';
import {
  ACTIVE,
  FORGOTTEN,
  HELD_ACTIVE,
  HELD_WAITING,
  LOCK,
  NONE,
  SERIAL,
  STUCK_UNTIL,
  TOKENS,
  TOKENS_AT,
  WAITING,
  floatOf,
  heldWordOf,
  wordOf,
  type ClientMemory,
} from './client-layout.ts';
import { SharedLock } from './shared-lock.ts';

/** Answers of `enter`. */
export const OVER_CLIENT_LIMIT = -1;
export const OVER_CLIENT_RATE = -2;
/** Each entry has a connection. */
export const FULL = -3;

/** A bucket that holds `burst` tokens, at least 1, is full at first, and gains `perMs` tokens in a millisecond. */
export interface Rate {
  readonly burst: number;
  readonly perMs: number;
}

export interface ClientRules {
  /** Of one client at a time; 0 is no limit. */
  readonly maxConnections: number;
  /** Of these, how many may wait in the queue at a time; 0 is no limit. */
  readonly maxWaiting: number;
  /** Each connection takes a token. */
  readonly rate: Rate | undefined;
  /** How long a client sticks to a backend after it was last sent there. */
  readonly stickyMs: number;
  /** IPv6 addresses that agree in so many leading bits are one client; 1 to 128. */
  readonly prefixV6: number;
}

/** Backends by serial, an Int32 that no other has, before or after; 0 is none. */
export interface Move {
  /** What `stuckTo` said; absent where that is no matter. */
  readonly from?: number;
  readonly to: number;
}

/**
 * The clients of one server as a data-plane thread sees them. A client is an address, or a network of IPv6 addresses; all
 * threads know the same of it, at once. Times are of the clock that threads share (`core/shared-clock.ts`), from 0 on. A
 * clock that is a little behind another thread's gives no client more than is due.
 *
 * A client that has no connection is known until its entry is needed for another one: then whoever has asked for
 * nothing longest is forgotten. Should it come back, its bucket is full and it sticks to nothing.
 */
export class ThreadClients {
  #rules!: ClientRules;
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #held: Int32Array;
  readonly #entries: ClientEntries;
  /**
   * Nothing may throw between its acquire and release. There is no `finally`: what is left half done must be found
   * locked, for the control plane to put right when it reclaims this thread's share.
   */
  readonly #lock: SharedLock;
  readonly #key = new ClientKey();

  constructor({ table, held, owner }: ClientMemory, rules: ClientRules) {
    this.rules = rules;
    this.#words = new Int32Array(table);
    this.#floats = new Float64Array(table);
    this.#held = new Int32Array(held);
    this.#entries = new ClientEntries(table);
    this.#lock = new SharedLock(this.#words, LOCK, owner);
  }

  /** Read at each call: those of a new configuration hold from the next one on. Connected clients keep their entries. */
  get rules(): ClientRules {
    return this.#rules;
  }
  set rules(rules: ClientRules) {
    this.#rules = rules;
    this.#key.countOf(rules.prefixV6);
  }

  /**
   * Counts a connection of a client and takes a token for it; or does neither. The limit is checked before the rate.
   * @param ip its first `ipLength` bytes, 4 or 16, in network order; ::ffff:a.b.c.d is the same client as a.b.c.d
   * @returns the client's entry, above 0, its own until the connection has left; else OVER_CLIENT_LIMIT,
   *   OVER_CLIENT_RATE or FULL
   */
  enter(ip: Uint8Array, ipLength: number, nowMs: number): number {
    this.#key.read(ip, ipLength);
    const bucket = this.#entries.bucketOf(this.#key.words);
    this.#lock.acquire();
    const answer = this.#enter(bucket, nowMs);
    this.#lock.release();
    return answer;
  }

  leave(entry: number): void {
    this.#lock.acquire();
    this.#entries.leave(entry, 1);
    this.#held[heldWordOf(entry) + HELD_ACTIVE]! -= 1;
    this.#lock.release();
  }

  /** One of the client's connections waits in the queue. @returns false when as many do as may */
  wait(entry: number): boolean {
    const { maxWaiting } = this.rules;
    this.#lock.acquire();
    const mayWait = maxWaiting === 0 || this.#words[wordOf(entry) + WAITING]! < maxWaiting;
    if (mayWait) this.#countWaiting(entry, 1);
    this.#lock.release();
    return mayWait;
  }

  /** To be called before that connection leaves. */
  stopWaiting(entry: number): void {
    this.#lock.acquire();
    this.#countWaiting(entry, -1);
    this.#lock.release();
  }

  /**
   * The backend that a client that has entered is to be sent to, by the number given to `stick`; 0 when there is none, or
   * it was not asked for in time. Asking counts as being sent there.
   */
  stuckTo(entry: number, nowMs: number): number {
    const { stickyMs } = this.rules;
    const until = floatOf(entry) + STUCK_UNTIL;
    this.#lock.acquire();
    const isStuck = this.#floats[until]! > nowMs;
    if (isStuck) this.#floats[until] = nowMs + stickyMs;
    const serial = isStuck ? this.#words[wordOf(entry) + SERIAL]! : 0;
    this.#lock.release();
    return serial;
  }

  /**
   * The client sticks to a backend from now on, unless another thread has had it stick to another since it was asked for.
   * @returns the backend that it sticks to
   */
  stick(entry: number, { from, to }: Move, nowMs: number): number {
    const { stickyMs } = this.rules;
    const until = floatOf(entry) + STUCK_UNTIL;
    const serial = wordOf(entry) + SERIAL;
    this.#lock.acquire();
    const last = this.#floats[until]! > nowMs ? this.#words[serial]! : 0;
    const isOwn = from === undefined || last === from || last === 0;
    if (isOwn) {
      this.#words[serial] = to;
      this.#floats[until] = to === 0 ? 0 : nowMs + stickyMs;
    }
    this.#lock.release();
    return isOwn ? to : last;
  }

  #enter(bucket: number, nowMs: number): number {
    const { maxConnections, rate } = this.rules;
    let entry = this.#entries.find(this.#key.words, bucket);
    if (entry === NONE) entry = this.#introduce(bucket, nowMs);
    if (entry === NONE) return FULL;
    const active = this.#words[wordOf(entry) + ACTIVE]!;
    if (maxConnections !== 0 && active >= maxConnections) return OVER_CLIENT_LIMIT;
    if (rate !== undefined && !this.#spend(entry, rate, nowMs)) {
      // Or it would be forgotten while it tries, and come back with a full bucket.
      if (active === 0) this.#entries.touch(entry);
      return OVER_CLIENT_RATE;
    }
    this.#entries.enter(entry);
    this.#held[heldWordOf(entry) + HELD_ACTIVE]! += 1;
    return entry;
  }

  /** An entry for a client that is not known. */
  #introduce(bucket: number, nowMs: number): number {
    const entry = this.#entries.spare();
    if (entry === NONE) return NONE;
    if (this.#entries.isUsed(entry) && this.#isOfUse(entry, nowMs)) this.#floats[FORGOTTEN]! += 1;
    this.#entries.assign(entry, this.#key.words, bucket);
    return entry;
  }

  /** Whether its client would fare differently if it were forgotten. */
  #isOfUse(entry: number, nowMs: number): boolean {
    const { rate } = this.rules;
    if (this.#floats[floatOf(entry) + STUCK_UNTIL]! > nowMs) return true;
    return rate !== undefined && this.#tokens(entry, rate, nowMs) < rate.burst;
  }

  /** @returns false when there is no token; then nothing has changed */
  #spend(entry: number, rate: Rate, nowMs: number): boolean {
    const tokens = this.#tokens(entry, rate, nowMs);
    if (tokens < 1) return false;
    const at = floatOf(entry) + TOKENS_AT;
    this.#floats[floatOf(entry) + TOKENS] = tokens - 1;
    // Not back to a time from which tokens have been counted already.
    this.#floats[at] = Math.max(this.#floats[at]!, nowMs);
    return true;
  }

  #tokens(entry: number, { burst, perMs }: Rate, nowMs: number): number {
    const float = floatOf(entry);
    const elapsedMs = Math.max(0, nowMs - this.#floats[float + TOKENS_AT]!);
    return Math.min(burst, this.#floats[float + TOKENS]! + elapsedMs * perMs);
  }

  #countWaiting(entry: number, change: 1 | -1): void {
    this.#words[wordOf(entry) + WAITING]! += change;
    this.#held[heldWordOf(entry) + HELD_WAITING]! += change;
  }
}
