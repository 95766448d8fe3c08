import { Timer } from '../linux/timer-wheel.ts';
import type { Side } from './endpoint.ts';
import type { Loop } from '../linux/loop.ts';

/** Whose sides are limited. */
export interface Limited {
  /** Asked only of a side that seems to have been silent for too long. @returns milliseconds of the loop's clock */
  lastSignOf(side: Side): number;
  silent(side: Side): void;
}

/** Says which side of a pair has been silent for longer than it may. What is heard of it costs nothing but a note. */
export class SilenceLimit {
  readonly #loop: Loop;
  readonly #timer: Timer;
  readonly #limited: Limited;
  /** By side: how long it may be silent, 0 for ever; and when it was heard last. Whole milliseconds, which V8 keeps in place. */
  #clientMs = 0;
  #backendMs = 0;
  #clientAt = 0;
  #backendAt = 0;

  constructor(loop: Loop, limited: Limited) {
    this.#loop = loop;
    this.#limited = limited;
    this.#timer = new Timer(() => this.#check());
  }

  /** From now on, unless it is so already. @param ms at most; 0 is no limit */
  set(side: Side, ms: number): void {
    if (ms === (side === 'client' ? this.#clientMs : this.#backendMs)) return;
    if (side === 'client') this.#clientMs = ms;
    else this.#backendMs = ms;
    this.heard(side);
    if (ms === 0) return;
    const at = this.#loop.now + ms;
    if (!this.#timer.isSet || at < this.#timer.at) this.#loop.set(this.#timer, at);
  }

  heard(side: Side, at = this.#loop.now): void {
    if (side === 'client') this.#clientAt = Math.ceil(at);
    else this.#backendAt = Math.ceil(at);
  }

  stop(): void {
    this.#loop.clear(this.#timer);
  }

  #check(): void {
    const client = this.#endOf('client');
    const backend = this.#endOf('backend');
    const first = Math.min(client, backend);
    if (first > this.#loop.now) this.#loop.set(this.#timer, first);
    else this.#limited.silent(client <= backend ? 'client' : 'backend');
  }

  /** When the side will have been silent for too long, if nothing is heard of it. */
  #endOf(side: Side): number {
    const ms = side === 'client' ? this.#clientMs : this.#backendMs;
    if (ms === 0) return Infinity;
    const heardAt = side === 'client' ? this.#clientAt : this.#backendAt;
    if (heardAt + ms > this.#loop.now) return heardAt + ms;
    const signAt = Math.max(heardAt, this.#limited.lastSignOf(side));
    this.heard(side, signAt);
    return signAt + ms;
  }
}
