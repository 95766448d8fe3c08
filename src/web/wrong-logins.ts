import type { Clock } from '../core/clock.ts';
import { networkOf } from './client.ts';

/** Wrong logins that an address has in hand, and how long one takes to come back. */
const ALLOWED = 10;
const REFILL_MS = 6_000;

/** Addresses that are remembered; the one that was wrong longest ago is forgotten first. */
const MOST_ADDRESSES = 4_096;

/** Lines of the log: how many in a row, and how long one takes to come back. */
const LINES = 10;
const LINE_MS = 60_000;

/** How many wrong logins came from each address lately. */
export class WrongLogins {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();
  readonly #lines: Bucket;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lines = new Bucket(LINES, LINE_MS, clock.now());
  }

  /** How long an address has to wait for its next try; 0 is not at all. */
  waitMs(client: string): number {
    return this.#buckets.get(networkOf(client))?.waitMs(this.#clock.now()) ?? 0;
  }

  /** One more. @returns whether it is to be said in the log: the first of an address and the last that it may try */
  add(client: string): boolean {
    const now = this.#clock.now();
    const key = networkOf(client);
    const bucket = this.#buckets.get(key) ?? new Bucket(ALLOWED, REFILL_MS, now);
    const isFirst = bucket.isFull(now);
    bucket.take(now);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    this.#forget();
    return (isFirst || bucket.waitMs(now) > 0) && this.#lines.take(now);
  }

  #forget(): void {
    if (this.#buckets.size <= MOST_ADDRESSES) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** So many at once, and one more each time that `refillMs` have passed. */
class Bucket {
  readonly #mostMs: number;
  readonly #refillMs: number;
  /** Until it is full again, as of `#at`. */
  #debtMs = 0;
  #at: number;

  constructor(capacity: number, refillMs: number, now: number) {
    this.#mostMs = (capacity - 1) * refillMs;
    this.#refillMs = refillMs;
    this.#at = now;
  }

  isFull(now: number): boolean {
    return this.#debt(now) === 0;
  }

  /** @returns false when it is empty */
  take(now: number): boolean {
    if (this.waitMs(now) > 0) return false;
    this.#debtMs += this.#refillMs;
    return true;
  }

  /** Until there is one. */
  waitMs(now: number): number {
    return Math.max(0, this.#debt(now) - this.#mostMs);
  }

  #debt(now: number): number {
    this.#debtMs = Math.max(0, this.#debtMs - (now - this.#at));
    this.#at = now;
    return this.#debtMs;
  }
}
