import type { PairEnd, RelayLimits } from '../../../../core/engine.ts';
import type { Loop } from '../../linux/loop.ts';
import { Timer } from '../../linux/timer-wheel.ts';

/** What may be silent for so long only. */
export interface Limited {
  /** In milliseconds of the engine's clock. */
  readonly lastRequestAt: number;
  readonly lastAnswerAt: number;
  idle(end: PairEnd): void;
}

/** Ends a session that is silent: looked at when it would be over at the earliest, and not for each datagram. */
export class IdleLimit {
  readonly #loop: Loop;
  readonly #limited: Limited;
  readonly #clientMs: number;
  readonly #backendMs: number;
  readonly #timer = new Timer(() => this.#look());

  constructor(loop: Loop, limited: Limited, { client, backend }: RelayLimits) {
    this.#loop = loop;
    this.#limited = limited;
    this.#clientMs = client.idleMs === 0 ? Infinity : client.idleMs;
    this.#backendMs = backend.idleMs === 0 ? Infinity : backend.idleMs;
    this.#set();
  }

  stop(): void {
    this.#loop.clear(this.#timer);
  }

  get #clientEndsAt(): number {
    return this.#limited.lastRequestAt + this.#clientMs;
  }

  get #backendEndsAt(): number {
    return this.#limited.lastAnswerAt + this.#backendMs;
  }

  #set(): void {
    const at = Math.min(this.#clientEndsAt, this.#backendEndsAt);
    if (at < Infinity) this.#loop.set(this.#timer, at);
  }

  #look(): void {
    const { now } = this.#loop;
    if (now >= this.#backendEndsAt) this.#limited.idle('backend-idle');
    else if (now >= this.#clientEndsAt) this.#limited.idle('client-idle');
    else this.#set();
  }
}
