import type { Clock, Timer } from '../../core/clock.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import type { Backend } from './backend.ts';

/** How often a backend that left the list is looked at, to see whether its last connection has ended. */
const SWEEP_MS = 1_000;

/** Backends that left the list, until no thread and no connection uses them any more. */
export class DrainingBackends {
  readonly #ledger: ServerLedger;
  readonly #clock: Clock;
  readonly #gone: (backend: Backend) => void;
  /** With the version of the first snapshot without them. */
  readonly #draining = new Map<Backend, number>();
  #appliedVersion = 0;
  #timer: Timer | undefined;

  /** @param gone no thread can elect the backend any more, and none of its connections is left */
  constructor(ledger: ServerLedger, clock: Clock, gone: (backend: Backend) => void) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#gone = gone;
  }

  /** @param version of the first snapshot without it */
  leave(backend: Backend, version: number): void {
    this.#draining.set(backend, version);
  }

  /** It is on the list again. */
  stay(backend: Backend): void {
    this.#draining.delete(backend);
  }

  /** No thread elects from a snapshot before this version any more. */
  applied(version: number): void {
    this.#appliedVersion = Math.max(this.#appliedVersion, version);
    this.sweep();
  }

  /** Lets go of the backends that nothing uses any more, and looks again later while others are left. */
  sweep(): void {
    for (const [backend, version] of this.#draining) {
      if (version > this.#appliedVersion || this.#ledger.active(backend.slot) > 0) continue;
      this.#draining.delete(backend);
      this.#gone(backend);
    }
    this.#timer?.cancel();
    this.#timer = this.#draining.size === 0 ? undefined : this.#clock.after(SWEEP_MS, () => this.sweep());
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
