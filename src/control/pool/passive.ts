import type { Clock, Timer } from '../../core/clock.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import type { Backend } from './backend.ts';
import type { Tell } from './events.ts';
import type { PoolSettings } from './settings.ts';

/** What clients made of a backend, as a thread of the data plane reports it. */
export interface Failure {
  /** The first failure that counts; the one by which it is ejected; tried and found to connect again. */
  readonly what: 'first' | 'ejected' | 'passed';
  /** Of the failure: `ECONNREFUSED`, … */
  readonly code: string;
}

export interface PassiveParts {
  readonly ledger: ServerLedger;
  readonly clock: Clock;
  readonly tell: Tell;
  readonly settings: () => PoolSettings;
  /** It is to be tried by a client, or gets clients again: those that wait may go on. */
  readonly freed: () => void;
}

/** A backend that has failed. */
interface Suspect {
  /** Ends the time in which failures count, or for which it is ejected. */
  timer: Timer | undefined;
  /** By the clock; undefined while it gets clients. */
  ejectedUntil: number | undefined;
  /** It was told that it was ejected, and not yet that this is over. */
  isTold: boolean;
  /** It was told that it is probed, since it was ejected. */
  isProbingTold: boolean;
}

/**
 * Backends that fail their clients. Threads count failures and eject in shared memory, so that it holds for the very
 * next client; the time belongs to this one: how long failures count, and when a backend is to be tried.
 */
export class PassiveChecks {
  readonly #parts: PassiveParts;
  readonly #suspects = new Map<Backend, Suspect>();
  #allEjectedToldAt = -Infinity;

  constructor(parts: PassiveParts) {
    this.#parts = parts;
  }

  /** Failures that eject a backend; 0 counts none. */
  maxFails({ spec }: Backend): number {
    return spec.maxFails ?? this.#parts.settings().maxFails;
  }

  /** Whether failures of it count, or it is ejected. */
  isSuspected(backend: Backend): boolean {
    return this.#suspects.has(backend);
  }

  isEjected(backend: Backend): boolean {
    return this.#suspects.get(backend)?.ejectedUntil !== undefined;
  }

  /** Milliseconds until a client may try it, 0 from then on; undefined for one that is not ejected. */
  probeInMs(backend: Backend): number | undefined {
    const until = this.#suspects.get(backend)?.ejectedUntil;
    return until === undefined ? undefined : Math.max(0, until - this.#parts.clock.now());
  }

  /** @returns whether it gets clients again after it was ejected */
  heard(backend: Backend, { what, code }: Failure): boolean {
    switch (what) {
      case 'first':
        // Another thread's report, that it was ejected, may have come before this one.
        if (!this.isEjected(backend)) this.#forgetLater(backend);
        return false;
      case 'ejected':
        // It may have been restored meanwhile.
        if (this.#parts.ledger.isEjected(backend.slot)) this.#eject(backend, code);
        return false;
      case 'passed':
        // Another thread's report, that it was ejected anew, may have come before this one, or be on its way.
        return !this.#parts.ledger.isEjected(backend.slot) && this.#passed(backend);
      default:
        return what satisfies never;
    }
  }

  /** It gets clients as if it had never failed. */
  restore(backend: Backend): void {
    this.#parts.ledger.restore(backend.slot);
    this.#over(backend);
    this.forget(backend);
  }

  /** There is nobody else to send clients to: these get some, and are watched as before. */
  restoreAll(backends: readonly Backend[]): void {
    for (const backend of backends) {
      this.#parts.ledger.restore(backend.slot);
      this.#forgetLater(backend);
    }
    const { clock, settings, tell } = this.#parts;
    if (clock.now() - this.#allEjectedToldAt < settings().failTimeoutMs) return;
    this.#allEjectedToldAt = clock.now();
    tell({ type: 'all-ejected' });
  }

  /** It gets no clients anyway; whether it had failed does not matter any more. */
  forget(backend: Backend): void {
    this.#suspects.get(backend)?.timer?.cancel();
    this.#suspects.delete(backend);
  }

  stop(): void {
    for (const backend of this.#suspects.keys()) this.forget(backend);
  }

  #eject(backend: Backend, code: string): void {
    const failTimeoutMs = this.#failTimeoutMs(backend);
    const { clock, tell } = this.#parts;
    const suspect = this.#wait(backend, () => this.#startProbing(backend));
    suspect.ejectedUntil = clock.now() + failTimeoutMs;
    tell({ type: 'ejected', backend: backend.key, code, failTimeoutMs, isNews: !suspect.isTold });
    suspect.isTold = true;
  }

  #startProbing(backend: Backend): void {
    this.#parts.ledger.startProbing(backend.slot);
    const suspect = this.#suspects.get(backend);
    this.#parts.tell({ type: 'probing', backend: backend.key, isNews: suspect?.isProbingTold !== true });
    if (suspect !== undefined) suspect.isProbingTold = true;
    this.#parts.freed();
  }

  /** Of the failures that eject it all but one still count. */
  #passed(backend: Backend): boolean {
    const wasEjected = this.isEjected(backend);
    this.#forgetLater(backend);
    this.#over(backend);
    return wasEjected;
  }

  #forgetLater(backend: Backend): void {
    const suspect = this.#wait(backend, () => {
      this.#parts.ledger.forgetFailures(backend.slot);
      this.#over(backend);
      this.forget(backend);
    });
    suspect.ejectedUntil = undefined;
  }

  #over(backend: Backend): void {
    const suspect = this.#suspects.get(backend);
    if (suspect?.isTold !== true) return;
    suspect.isTold = false;
    suspect.isProbingTold = false;
    this.#parts.tell({ type: 'restored', backend: backend.key });
  }

  /** @param run after the backend's fail_timeout, unless something else happens before */
  #wait(backend: Backend, run: () => void): Suspect {
    const suspect = this.#suspects.get(backend) ?? {
      timer: undefined,
      ejectedUntil: undefined,
      isTold: false,
      isProbingTold: false,
    };
    this.#suspects.set(backend, suspect);
    suspect.timer?.cancel();
    suspect.timer = this.#parts.clock.after(this.#failTimeoutMs(backend), run);
    return suspect;
  }

  #failTimeoutMs({ spec }: Backend): number {
    return spec.failTimeoutMs ?? this.#parts.settings().failTimeoutMs;
  }
}
