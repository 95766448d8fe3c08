import type { Link } from '../../core/engine.ts';
import type { Candidate } from '../../core/snapshot.ts';
import type { ThreadLedger } from '../../ledger/thread-ledger.ts';
import type { FailureReport } from '../protocol/messages.ts';

type Tell = (failure: Pick<FailureReport, 'slot' | 'backend' | 'what' | 'code'>) => void;

/**
 * What clients find out about the backends, as one thread sees it. Failures are counted for all threads together, and
 * the one that is too many sets the backend aside at once; when it is tried again, and for how long failures count, is
 * the control plane's to say.
 */
export class Failures {
  readonly #ledger: ThreadLedger;
  readonly #tell: Tell;
  /** Clients that try a backend which was set aside. */
  readonly #trials = new Map<Link, Candidate>();

  constructor(ledger: ThreadLedger, tell: Tell) {
    this.#ledger = ledger;
    this.#tell = tell;
  }

  /** This client is the one that tries the backend. */
  tries(link: Link, backend: Candidate): void {
    // One that is still at it tried it before it was readmitted and set aside anew.
    for (const [other, { slot }] of this.#trials) if (slot === backend.slot) this.#trials.delete(other);
    this.#trials.set(link, backend);
  }

  connected(link: Link, backend: Candidate): void {
    if (!this.#endTrial(link)) return;
    if (this.#ledger.passesTrial(backend.slot, Math.max(1, backend.maxFails))) this.#say('passed', backend, '');
  }

  /** The client's dial failed, or its backend reset it before the first byte. */
  failed(link: Link, backend: Candidate, code: string): void {
    if (this.#endTrial(link) && this.#ledger.failsTrial(backend.slot)) return this.#say('aside', backend, code);
    if (backend.maxFails === 0) return;
    const which = this.#ledger.countFailure(backend.slot, backend.maxFails);
    if (which !== undefined) this.#say(which === 'last' ? 'aside' : 'first', backend, code);
  }

  /** The client has no place at the backend any more. If it tried it, and nothing came of that, another may. */
  left(link: Link, backend: Candidate): void {
    if (this.#endTrial(link)) this.#ledger.leaveUntried(backend.slot);
  }

  #endTrial(link: Link): boolean {
    return this.#trials.size > 0 && this.#trials.delete(link);
  }

  #say(what: FailureReport['what'], { slot, key }: Candidate, code: string): void {
    this.#tell({ slot, backend: key, what, code });
  }
}
