import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';

const RETRY_MS = 1000;

export interface Respawned {
  /** Whether something is still to be recovered. */
  isShort(): boolean;
  /** Tries to. @throws Error that says why not */
  respawn(): Promise<unknown>;
  failed(error: Error): void;
}

/** Tries again, as often as it takes: at once after a while of peace, else once a second. */
export class Respawn {
  readonly #clock: Clock;
  readonly #what: Respawned;
  #isRunning = false;
  #lastAt = -Infinity;

  constructor(clock: Clock, what: Respawned) {
    this.#clock = clock;
    this.#what = what;
  }

  start(): void {
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#what.isShort()) {
      await this.#until(this.#lastAt + RETRY_MS);
      this.#lastAt = this.#clock.now();
      await this.#what.respawn().catch((thrown: unknown) => this.#what.failed(asError(thrown)));
    }
    this.#isRunning = false;
  }

  async #until(at: number): Promise<void> {
    const ms = at - this.#clock.now();
    if (ms > 0) await new Promise<void>((resolve) => void this.#clock.after(ms, resolve));
  }
}
