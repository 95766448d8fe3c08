import type { Clock, Timer } from '../../core/clock.ts';
import type { Backend } from './backend.ts';

/** A start has so many steps; the factor of the first is one divided by it. */
const STEPS = 20;
/** More often than that is of no use, and every step is a snapshot. */
const LEAST_STEP_MS = 50;

/** Backends that have come back, and get their weight and limit step by step. */
export class SlowStart {
  readonly #clock: Clock;
  readonly #stepped: () => void;
  #overMs: number;
  /** With the time at which they began. */
  readonly #starting = new Map<Backend, number>();
  #timer: Timer | undefined;

  /** @param overMs from a backend's return to its full weight; 0 gives it at once @param stepped the warm-up factors have grown */
  constructor(overMs: number, clock: Clock, stepped: () => void) {
    this.#overMs = overMs;
    this.#clock = clock;
    this.#stepped = stepped;
  }

  /** The warm-up factors of backends that are starting follow the new time. */
  configure(overMs: number): void {
    if (overMs === this.#overMs) return;
    // A backend with its full weight keeps it.
    this.#run();
    this.#overMs = overMs;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#run();
  }

  begin(backend: Backend): void {
    this.#starting.set(backend, this.#clock.now());
    this.#run();
  }

  /** It does not get clients any more. */
  forget(backend: Backend): void {
    this.#starting.delete(backend);
    this.#run();
  }

  /** How much of its weight and limit it has now: 1 is all. */
  warmupFactor(backend: Backend): number {
    const since = this.#starting.get(backend);
    if (since === undefined || this.#overMs === 0) return 1;
    return Math.min(1, Math.max(1 / STEPS, (this.#clock.now() - since) / this.#overMs));
  }

  stop(): void {
    this.#starting.clear();
    this.#run();
  }

  /** Keeps the timer while a backend is starting, and no longer. */
  #run(): void {
    for (const backend of this.#starting.keys()) {
      if (this.warmupFactor(backend) === 1) this.#starting.delete(backend);
    }
    if (this.#starting.size === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    this.#timer ??= this.#clock.every(Math.max(LEAST_STEP_MS, this.#overMs / STEPS), () => {
      this.#run();
      this.#stepped();
    });
  }
}
