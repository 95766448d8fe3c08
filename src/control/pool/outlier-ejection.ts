import type { Clock, Timer } from '../../core/clock.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import type { Backend } from './backend.ts';
import type { Tell } from './events.ts';
import type { PoolSettings } from './settings.ts';

/** What clients made of a backend, as a thread of the data plane reports it. */
export interface Failure {
  /** The first failure that counts; the failure that ejects it; a probe that was served. */
  readonly what: 'first' | 'ejected' | 'passed';
  /** Of the failure: `ECONNREFUSED`, … */
  readonly code: string;
}

export interface OutlierEjectionParts {
  readonly ledger: ServerLedger;
  readonly clock: Clock;
  readonly tell: Tell;
  readonly settings: () => PoolSettings;
  /** A client may probe a backend, or the backend gets clients again: clients that wait may go on. */
  readonly freed: () => void;
}

/** A backend that has failed. */
interface FailingBackend {
  /** Ends the time in which failures count, or for which it is ejected. */
  timer: Timer | undefined;
  /** By the clock; undefined while it gets clients. */
  ejectedUntil: number | undefined;
  /** The ejection was reported, and its end was not yet. */
  isEjectionReported: boolean;
  /** It was reported since the ejection that it may be probed. */
  isProbingReported: boolean;
}

/**
 * Ejects backends that fail their clients. Threads count failures and eject in shared memory, so that it holds for the
 * very next client. This class keeps the times: how long failures count, and when a backend may be probed.
 */
export class OutlierEjection {
  readonly #parts: OutlierEjectionParts;
  readonly #failing = new Map<Backend, FailingBackend>();
  #allEjectedReportedAt = -Infinity;

  constructor(parts: OutlierEjectionParts) {
    this.#parts = parts;
  }

  /** Failures that eject a backend; 0 counts none. */
  maxFails({ spec }: Backend): number {
    return spec.maxFails ?? this.#parts.settings().maxFails;
  }

  /** Whether failures of it count, or it is ejected. */
  hasFailures(backend: Backend): boolean {
    return this.#failing.has(backend);
  }

  isEjected(backend: Backend): boolean {
    return this.#failing.get(backend)?.ejectedUntil !== undefined;
  }

  /** Milliseconds until a client may probe it, 0 from then on; undefined for one that is not ejected. */
  probeInMs(backend: Backend): number | undefined {
    const until = this.#failing.get(backend)?.ejectedUntil;
    return until === undefined ? undefined : Math.max(0, until - this.#parts.clock.now());
  }

  /** @returns whether it gets clients again after it was ejected */
  record(backend: Backend, { what, code }: Failure): boolean {
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

  /** No other backend is left: these get clients again, and their failures count as before. */
  restoreAll(backends: readonly Backend[]): void {
    for (const backend of backends) {
      this.#parts.ledger.restore(backend.slot);
      this.#forgetLater(backend);
    }
    const { clock, settings, tell } = this.#parts;
    if (clock.now() - this.#allEjectedReportedAt < settings().failTimeoutMs) return;
    this.#allEjectedReportedAt = clock.now();
    tell({ type: 'all-ejected' });
  }

  /** It gets no clients anyway; whether it had failed does not matter any more. */
  forget(backend: Backend): void {
    this.#failing.get(backend)?.timer?.cancel();
    this.#failing.delete(backend);
  }

  stop(): void {
    for (const backend of this.#failing.keys()) this.forget(backend);
  }

  #eject(backend: Backend, code: string): void {
    const failTimeoutMs = this.#failTimeoutMs(backend);
    const { clock, tell } = this.#parts;
    const failing = this.#wait(backend, () => this.#startProbing(backend));
    failing.ejectedUntil = clock.now() + failTimeoutMs;
    tell({ type: 'ejected', backend: backend.key, code, failTimeoutMs, isFirst: !failing.isEjectionReported });
    failing.isEjectionReported = true;
  }

  #startProbing(backend: Backend): void {
    this.#parts.ledger.startProbing(backend.slot);
    const failing = this.#failing.get(backend);
    this.#parts.tell({ type: 'probing', backend: backend.key, isFirst: failing?.isProbingReported !== true });
    if (failing !== undefined) failing.isProbingReported = true;
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
    const failing = this.#wait(backend, () => {
      this.#parts.ledger.forgetFailures(backend.slot);
      this.#over(backend);
      this.forget(backend);
    });
    failing.ejectedUntil = undefined;
  }

  #over(backend: Backend): void {
    const failing = this.#failing.get(backend);
    if (failing?.isEjectionReported !== true) return;
    failing.isEjectionReported = false;
    failing.isProbingReported = false;
    this.#parts.tell({ type: 'restored', backend: backend.key });
  }

  /** @param run after the backend's fail_timeout, unless something else happens before */
  #wait(backend: Backend, run: () => void): FailingBackend {
    const failing = this.#failing.get(backend) ?? {
      timer: undefined,
      ejectedUntil: undefined,
      isEjectionReported: false,
      isProbingReported: false,
    };
    this.#failing.set(backend, failing);
    failing.timer?.cancel();
    failing.timer = this.#parts.clock.after(this.#failTimeoutMs(backend), run);
    return failing;
  }

  #failTimeoutMs({ spec }: Backend): number {
    return spec.failTimeoutMs ?? this.#parts.settings().failTimeoutMs;
  }
}
