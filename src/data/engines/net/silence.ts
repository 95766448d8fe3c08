import type { Clock, Timer } from '../../../core/clock.ts';
import type { RelayLimits } from '../../../core/engine.ts';
import { halfClosedMs } from '../common/half-closed.ts';
import type { KernelTable } from './kernel-table.ts';
import type { SideSilence } from './side-silence.ts';
import { otherOf, type Side } from './side.ts';

/** While bytes are under way to a silent side the kernel is asked so often within its limit, but not more rarely than that. */
const LOOKS = 4;
const SLOWEST_LOOK_MS = 15_000;

/** How often `check` is to be called. */
export const VISIT_EVERY_MS = 1_000;

/** Due before the visit after the next. */
const SOON_MS = 2 * VISIT_EVERY_MS;

/** What a look takes, about. */
const LOOKING_MS = 10;

const NONE: readonly Side[] = [];

export type Silenced = 'idle' | 'fin' | 'dead';

export interface SilenceTools {
  readonly clock: Clock;
  readonly table: KernelTable;
  /** A side was silent for too long. @param unacknowledgedBytes under way to it */
  readonly silent: (side: Side, as: Silenced, unacknowledgedBytes: number) => void;
}

/**
 * Says which side of a relay has been silent for longer than it may. What moves is noted as it passes; the kernel's table
 * is read only where bytes may be under way to a side that is silent.
 */
export class Silence {
  readonly #sides: Readonly<Record<Side, SideSilence>>;
  readonly #limits: RelayLimits;
  readonly #tools: SilenceTools;
  #timer: Timer | undefined;
  #timerAt = Infinity;
  #isHalfClosed = false;
  /** A side is gone, or the end is decided. */
  #isBroken = false;
  #isOver = false;

  constructor(sides: Readonly<Record<Side, SideSilence>>, limits: RelayLimits, tools: SilenceTools) {
    this.#sides = sides;
    this.#limits = limits;
    this.#tools = tools;
    this.#limit('client', limits.client.idleMs);
    this.#limit('backend', limits.backend.idleMs);
  }

  /** One direction has ended. */
  halfClosed(): void {
    this.#isHalfClosed = true;
    this.#limit('client', this.#finMs('client'));
    this.#limit('backend', this.#finMs('backend'));
  }

  /** One side is gone; the other may have something to take yet. */
  broken(): void {
    this.#isBroken = true;
    this.halfClosed();
  }

  stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  /** To be called once in VISIT_EVERY_MS. */
  check(): void {
    if (this.#isOver) return;
    this.#checkSide('client', NONE);
    this.#checkSide('backend', NONE);
  }

  /** From now on. @param ms at most; 0 leaves it as it is */
  #limit(side: Side, ms: number): void {
    if (ms === 0) return;
    const one = this.#sides[side];
    one.limitMs = ms;
    one.sign(this.#tools.clock.now());
    this.#wake(one.signAt + this.#lookEveryMs(one));
  }

  /** The limit of a side that is half-closed, where it is shorter than that of one that is not; else 0. */
  #finMs(side: Side): number {
    return halfClosedMs(this.#limits[side], this.#isBroken);
  }

  /** @param looked whom the kernel was asked about just now */
  #checkSide(side: Side, looked: readonly Side[]): void {
    const one = this.#sides[side];
    if (this.#isOver || one.isLooking || one.socket.destroyed) return;
    const now = this.#tools.clock.now();
    one.observe(now);
    const endAt = endOf(one);
    const lookAt = Math.max(one.signAt, one.lookedAt) + this.#lookEveryMs(one);
    const hasLooked = looked.includes(side);
    if (!hasLooked && one.awaitsAcknowledgement && now >= Math.min(endAt, lookAt))
      return this.#look(side, side, looked);
    const { unacknowledgedMs } = this.#limits;
    const isDead = hasLooked && one.isUnanswered && unacknowledgedMs > 0 && now - one.signAt >= unacknowledgedMs;
    if (isDead) return this.#end(side, 'dead');
    if (now >= endAt) return this.#reached(side, looked);
    if (one.limitMs > 0) this.#wake(one.awaitsAcknowledgement ? Math.min(endAt, lookAt) : endAt);
  }

  /** It has been silent for as long as its limit, unless it is for the other. */
  #reached(side: Side, looked: readonly Side[]): void {
    const one = this.#sides[side];
    const other = this.#sides[otherOf(side)];
    if (other.awaitsAcknowledgement && !other.socket.destroyed) {
      if (other.isLooking) return this.#wake(this.#tools.clock.now() + LOOKING_MS);
      if (!looked.includes(otherOf(side))) return this.#look(otherOf(side), side, looked);
    }
    // What it has sent was still on its way to the other then.
    one.sign(this.#waitsForOther(side) ? this.#tools.clock.now() : other.acknowledgedAt);
    if (endOf(one) > this.#tools.clock.now()) this.#wake(endOf(one));
    else this.#end(side, this.#finIsShorter(side) ? 'fin' : 'idle');
  }

  /** Then the side is checked. */
  #look(at: Side, side: Side, looked: readonly Side[]): void {
    const { clock, table } = this.#tools;
    const now = (): number => clock.now();
    this.#sides[at].look(table, now, () => this.#checkSide(side, [...looked, at]));
  }

  #end(side: Side, as: Silenced): void {
    this.stop();
    this.#tools.silent(side, as, this.#sides[side].awaitsAcknowledgement ? this.#sides[side].queuedBytes : 0);
  }

  #lookEveryMs({ limitMs }: SideSilence): number {
    const { unacknowledgedMs } = this.#limits;
    const shortest = Math.min(limitMs > 0 ? limitMs : Infinity, unacknowledgedMs > 0 ? unacknowledgedMs : Infinity);
    return Math.min(shortest / LOOKS, shortest === Infinity ? Infinity : SLOWEST_LOOK_MS);
  }

  #finIsShorter(side: Side): boolean {
    return this.#isHalfClosed && this.#finMs(side) > 0;
  }

  /** It has all that there is for it, and either its bytes are not read, as the other takes none, or it has finished. */
  #waitsForOther(side: Side): boolean {
    const one = this.#sides[side];
    const other = this.#sides[otherOf(side)];
    const hasFinished = one.socket.readableEnded && !this.#isBroken && this.#finIsShorter(side);
    return (hasFinished || other.socket.writableLength > 0) && !one.hasPending;
  }

  /** The next visit sets the timer of what is due long after it: most connections are over before. */
  #wake(at: number): void {
    if (at - this.#tools.clock.now() > SOON_MS) return;
    if (this.#timer !== undefined && this.#timerAt <= at) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = this.#tools.clock.after(at - this.#tools.clock.now(), () => {
      this.#timer = undefined;
      this.check();
    });
  }
}

/** When its limit is reached if it stays silent. */
function endOf({ signAt, limitMs }: SideSilence): number {
  return limitMs > 0 ? signAt + limitMs : Infinity;
}
