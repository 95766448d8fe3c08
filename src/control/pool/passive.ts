import type { Clock, Timer } from '../../core/clock.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import type { Backend } from './backend.ts';
import type { Tell } from './events.ts';
import type { PoolSettings } from './settings.ts';

/** What clients made of a backend, as a thread of the data plane reports it. */
export interface Failure {
  /** The first failure that counts; the one by which it is set aside; tried and found to connect again. */
  readonly what: 'first' | 'aside' | 'passed';
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
  /** Ends the time in which failures count, or for which it is set aside. */
  timer: Timer | undefined;
  /** By the clock; undefined while it gets clients. */
  asideUntil: number | undefined;
  /** It was told that it was set aside, and not yet that this is over. */
  isTold: boolean;
  /** It was told that it is tried, since it was set aside. */
  isTrialTold: boolean;
}

/**
 * Backends that fail their clients. Threads count failures and set aside in shared memory, so that it holds for the very
 * next client; the time belongs to this one: how long failures count, and when a backend is to be tried.
 */
export class PassiveChecks {
  readonly #parts: PassiveParts;
  readonly #suspects = new Map<Backend, Suspect>();
  #allAsideToldAt = -Infinity;

  constructor(parts: PassiveParts) {
    this.#parts = parts;
  }

  /** Failures that set a backend aside; 0 counts none. */
  maxFails({ spec }: Backend): number {
    return spec.maxFails ?? this.#parts.settings().maxFails;
  }

  /** Whether failures of it count, or it is set aside. */
  isSuspected(backend: Backend): boolean {
    return this.#suspects.has(backend);
  }

  isAside(backend: Backend): boolean {
    return this.#suspects.get(backend)?.asideUntil !== undefined;
  }

  /** Milliseconds until a client may try it, 0 from then on; undefined for one that is not set aside. */
  asideMs(backend: Backend): number | undefined {
    const until = this.#suspects.get(backend)?.asideUntil;
    return until === undefined ? undefined : Math.max(0, until - this.#parts.clock.now());
  }

  /** @returns whether it gets clients again after it was set aside */
  heard(backend: Backend, { what, code }: Failure): boolean {
    switch (what) {
      case 'first':
        // Another thread's report, that it was set aside, may have come before this one.
        if (!this.isAside(backend)) this.#forgetLater(backend);
        return false;
      case 'aside':
        // It may have been readmitted meanwhile.
        if (this.#parts.ledger.isAside(backend.slot)) this.#setAside(backend, code);
        return false;
      case 'passed':
        // Another thread's report, that it was set aside anew, may have come before this one, or be on its way.
        return !this.#parts.ledger.isAside(backend.slot) && this.#passed(backend);
      default:
        return what satisfies never;
    }
  }

  /** It gets clients as if it had never failed. */
  readmit(backend: Backend): void {
    this.#parts.ledger.readmit(backend.slot);
    this.#over(backend);
    this.forget(backend);
  }

  /** There is nobody else to send clients to: these get some, and are watched as before. */
  readmitAll(backends: readonly Backend[]): void {
    for (const backend of backends) {
      this.#parts.ledger.readmit(backend.slot);
      this.#forgetLater(backend);
    }
    const { clock, settings, tell } = this.#parts;
    if (clock.now() - this.#allAsideToldAt < settings().failTimeoutMs) return;
    this.#allAsideToldAt = clock.now();
    tell({ type: 'all-aside' });
  }

  /** It gets no clients anyway; whether it had failed does not matter any more. */
  forget(backend: Backend): void {
    this.#suspects.get(backend)?.timer?.cancel();
    this.#suspects.delete(backend);
  }

  stop(): void {
    for (const backend of this.#suspects.keys()) this.forget(backend);
  }

  #setAside(backend: Backend, code: string): void {
    const failTimeoutMs = this.#failTimeoutMs(backend);
    const { clock, tell } = this.#parts;
    const suspect = this.#wait(backend, () => this.#putOnTrial(backend));
    suspect.asideUntil = clock.now() + failTimeoutMs;
    tell({ type: 'aside', backend: backend.key, code, failTimeoutMs, isNews: !suspect.isTold });
    suspect.isTold = true;
  }

  #putOnTrial(backend: Backend): void {
    this.#parts.ledger.putOnTrial(backend.slot);
    const suspect = this.#suspects.get(backend);
    this.#parts.tell({ type: 'trial', backend: backend.key, isNews: suspect?.isTrialTold !== true });
    if (suspect !== undefined) suspect.isTrialTold = true;
    this.#parts.freed();
  }

  /** Of the failures that set it aside all but one still count. */
  #passed(backend: Backend): boolean {
    const wasAside = this.isAside(backend);
    this.#forgetLater(backend);
    this.#over(backend);
    return wasAside;
  }

  #forgetLater(backend: Backend): void {
    const suspect = this.#wait(backend, () => {
      this.#parts.ledger.forgetFailures(backend.slot);
      this.#over(backend);
      this.forget(backend);
    });
    suspect.asideUntil = undefined;
  }

  #over(backend: Backend): void {
    const suspect = this.#suspects.get(backend);
    if (suspect?.isTold !== true) return;
    suspect.isTold = false;
    suspect.isTrialTold = false;
    this.#parts.tell({ type: 'readmitted', backend: backend.key });
  }

  /** @param run after the backend's fail_timeout, unless something else happens before */
  #wait(backend: Backend, run: () => void): Suspect {
    const suspect = this.#suspects.get(backend) ?? {
      timer: undefined,
      asideUntil: undefined,
      isTold: false,
      isTrialTold: false,
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
