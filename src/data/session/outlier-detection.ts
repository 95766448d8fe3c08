import type { Engine, PairEnd, ProxiedPair } from '../../core/engine.ts';
import type { Candidate } from '../../core/snapshot.ts';
import type { ThreadLedger } from '../../ledger/thread-ledger.ts';
import type { FailureReport } from '../protocol/messages.ts';

/** A probe that is connected for so long has passed without a byte of its backend, which may be one that speaks late. */
const PASSES_AFTER_MS = 1_000;

/** A pair that probes a backend. */
interface Probe {
  readonly slot: number;
  /** Since it is connected. */
  timer: { cancel(): void } | undefined;
}

const CODES: Partial<Record<PairEnd, string>> = { 'backend-reset': 'ECONNRESET', 'backend-dead': 'ETIMEDOUT' };

type Tell = (failure: Pick<FailureReport, 'slot' | 'backend' | 'what' | 'code'>) => void;

/**
 * What clients find out about the backends, as one thread sees it. Failures are counted for all threads together, and
 * the one that is too many ejects the backend at once; when it is tried again, and for how long failures count, is
 * the control plane's to say.
 */
export class OutlierDetection {
  readonly #ledger: ThreadLedger;
  readonly #clock: Pick<Engine, 'every'>;
  readonly #tell: Tell;
  /** Of backends that were ejected. */
  readonly #probes = new Map<ProxiedPair, Probe>();

  constructor(ledger: ThreadLedger, clock: Pick<Engine, 'every'>, tell: Tell) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** This pair is the one that probes the backend. */
  probes(pair: ProxiedPair, backend: Candidate): void {
    // A pair that is still at it began before the backend was restored and ejected anew.
    for (const [other, { slot }] of this.#probes) if (slot === backend.slot) this.#endProbe(other);
    this.#probes.set(pair, { slot: backend.slot, timer: undefined });
  }

  /** That it accepts connections does not say yet that it serves them. */
  connected(pair: ProxiedPair, backend: Candidate): void {
    const probe = this.#probes.size === 0 ? undefined : this.#probes.get(pair);
    if (probe !== undefined) probe.timer = this.#clock.every(PASSES_AFTER_MS, () => this.answered(pair, backend));
  }

  /** The backend has sent a byte, or has shown otherwise that it serves the client. */
  answered(pair: ProxiedPair, backend: Candidate): void {
    if (!this.#endProbe(pair)) return;
    if (this.#ledger.passesProbe(backend.slot, Math.max(1, backend.maxFails))) this.#say('passed', backend, '');
  }

  /**
   * A connection has ended that never had a byte of its backend. It has failed where the client awaited one. Where the
   * client had finished before and the backend has taken all of it in order, it may be one that never answers.
   */
  endedUnanswered(pair: ProxiedPair, backend: Candidate, end: PairEnd): void {
    if (pair.wasAwaited) this.failed(pair, backend, CODES[end] ?? 'EOF');
    else if (end === 'finished') this.answered(pair, backend);
  }

  /** The client's dial failed, or it has got nothing. @param code the system's, or EOF after an end in order */
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
    if (this.#probes.size === 0) return false;
    this.#probes.get(pair)?.timer?.cancel();
    return this.#probes.delete(pair);
  }

  #say(what: FailureReport['what'], { slot, key }: Candidate, code: string): void {
    this.#tell({ slot, backend: key, what, code });
  }
}
