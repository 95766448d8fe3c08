import { Timer } from '../linux/timer-wheel.ts';
import type { Side } from './endpoint.ts';
import type { Loop } from './loop.ts';

/** Says which side of a pair has been silent for longer than it may. */
export class IdleLimit {
  readonly #loop: Loop;
  readonly #timer: Timer;
  readonly #isOver: (side: Side) => void;
  /** By side: how long it may be silent, 0 for ever; and when it was active last. Whole milliseconds, which V8 keeps in place. */
  #clientMs = 0;
  #backendMs = 0;
  #clientAt = 0;
  #backendAt = 0;

  constructor(loop: Loop, isOver: (side: Side) => void) {
    this.#loop = loop;
    this.#isOver = isOver;
    this.#timer = new Timer(() => this.#check());
  }

  isSet(side: Side): boolean {
    return (side === 'client' ? this.#clientMs : this.#backendMs) > 0;
  }

  /** From now on. @param ms at most; 0 is no limit */
  set(side: Side, ms: number): void {
    if (side === 'client') this.#clientMs = ms;
    else this.#backendMs = ms;
    this.touch(side);
    if (ms === 0) return;
    const at = this.#loop.now + ms;
    this.#loop.set(this.#timer, this.#timer.isSet ? Math.min(this.#timer.at, at) : at);
  }

  /** It is active. */
  touch(side: Side): void {
    const now = Math.ceil(this.#loop.now);
    if (side === 'client') this.#clientAt = now;
    else this.#backendAt = now;
  }

  stop(): void {
    this.#loop.clear(this.#timer);
  }

  #check(): void {
    const client = this.#clientMs === 0 ? Infinity : this.#clientAt + this.#clientMs;
    const backend = this.#backendMs === 0 ? Infinity : this.#backendAt + this.#backendMs;
    const first = Math.min(client, backend);
    if (first > this.#loop.now) this.#loop.set(this.#timer, first);
    else this.#isOver(client <= backend ? 'client' : 'backend');
  }
}
