import type { Clock } from '../../core/clock.ts';
import { withTimeout } from './with-timeout.ts';

interface Waiter {
  readonly server: number;
  /** Of a snapshot. */
  readonly version: number;
  readonly done: () => void;
}

/** Waits until all threads have acknowledged a snapshot: they elect from it, or from a later one. */
export class SnapshotAcks {
  readonly #clock: Clock;
  readonly #haveApplied: (server: number, version: number) => boolean;
  readonly #waiting = new Set<Waiter>();

  /** @param haveApplied whether no thread elects from an earlier one */
  constructor(clock: Clock, haveApplied: (server: number, version: number) => boolean) {
    this.#clock = clock;
    this.#haveApplied = haveApplied;
  }

  /** @throws TslbError TSLB_THREAD_SILENT */
  async until(server: number, version: number): Promise<void> {
    if (this.#haveApplied(server, version)) return;
    let waiter: Waiter;
    const done = new Promise<void>((resolve) => {
      waiter = { server, version, done: resolve };
      this.#waiting.add(waiter);
    });
    await withTimeout(done, this.#clock, () => this.#waiting.delete(waiter));
  }

  /** To be called when a thread has applied one, or is not about any more. */
  check(): void {
    for (const { server, version, done } of this.#waiting) {
      if (this.#haveApplied(server, version)) done();
    }
  }

  /** All threads have ended, and none elects any more. */
  close(): void {
    for (const { done } of this.#waiting) done();
  }
}
