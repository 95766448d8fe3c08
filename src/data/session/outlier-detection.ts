import type { ProxiedPair } from '../../core/engine.ts';
import type { Candidate } from '../../core/snapshot.ts';
import type { ThreadLedger } from '../../ledger/thread-ledger.ts';
import type { FailureReport } from '../protocol/messages.ts';

type Tell = (failure: Pick<FailureReport, 'slot' | 'backend' | 'what' | 'code'>) => void;

/**
 * What clients find out about the backends, as one thread sees it. Failures are counted for all threads together, and
 * the one that is too many ejects the backend at once; when it is tried again, and for how long failures count, is
 * the control plane's to say.
 */
export class OutlierDetection {
  readonly #ledger: ThreadLedger;
  readonly #tell: Tell;
  /** Pairs that probe a backend which was ejected. */
  readonly #probes = new Map<ProxiedPair, Candidate>();

  constructor(ledger: ThreadLedger, tell: Tell) {
    this.#ledger = ledger;
    this.#tell = tell;
  }

  /** This pair is the one that probes the backend. */
  probes(pair: ProxiedPair, backend: Candidate): void {
    // A pair that is still at it began before the backend was restored and ejected anew.
    for (const [other, { slot }] of this.#probes) if (slot === backend.slot) this.#probes.delete(other);
    this.#probes.set(pair, backend);
  }

  connected(pair: ProxiedPair, backend: Candidate): void {
    if (!this.#endProbe(pair)) return;
    if (this.#ledger.passesProbe(backend.slot, Math.max(1, backend.maxFails))) this.#say('passed', backend, '');
  }

  /** The client's dial failed, or its backend reset it before the first byte. */
  failed(pair: ProxiedPair, backend: Candidate, code: string): void {
    if (this.#endProbe(pair) && this.#ledger.failsProbe(backend.slot)) return this.#say('ejected', backend, code);
    if (backend.maxFails === 0) return;
    const which = this.#ledger.countFailure(backend.slot, backend.maxFails);
    if (which !== undefined) this.#say(which === 'last' ? 'ejected' : 'first', backend, code);
  }

  /** The pair has no place at the backend any more. If it probed it without a result, another one may. */
  left(pair: ProxiedPair, backend: Candidate): void {
    if (this.#endProbe(pair)) this.#ledger.returnProbe(backend.slot);
  }

  #endProbe(pair: ProxiedPair): boolean {
    return this.#probes.size > 0 && this.#probes.delete(pair);
  }

  #say(what: FailureReport['what'], { slot, key }: Candidate, code: string): void {
    this.#tell({ slot, backend: key, what, code });
  }
}
