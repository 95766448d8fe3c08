import type { ElectionContext } from '../../core/context.ts';
import type { Link } from '../../core/engine.ts';
import type { Limits } from '../../core/limits.ts';
import type { Random } from '../../core/random.ts';
import type { Candidate, Snapshot } from '../../core/snapshot.ts';
import type { ThreadLedger } from '../../ledger/thread-ledger.ts';
import type { ServerSpec } from '../protocol/messages.ts';
import type { Clients } from './clients.ts';
import type { Failures } from './failures.ts';
import { Scheduler } from './scheduler.ts';

export interface ElectionParts {
  readonly ledger: ThreadLedger;
  readonly random: Random;
  readonly clients: Clients;
  readonly failures: Failures;
}

/**
 * Whom a client is sent to: where it was before, if it sticks there and there is a place; else whom the strategy says;
 * and rather than nobody, one of those that are ejected, if that is what all of them are.
 */
export class Election {
  readonly #scheduler: Scheduler;
  readonly #clients: Clients;
  readonly #failures: Failures;
  readonly #context: ElectionContext = { ip: new Uint8Array(16), ipLength: 0 };
  /** Where nobody is up clients wait, and so nobody is asked in despair. */
  #isPatient = false;

  constructor({ ledger, random, clients, failures }: ElectionParts) {
    this.#scheduler = new Scheduler(ledger, random);
    this.#clients = clients;
    this.#failures = failures;
  }

  reconfigure({ queue }: Limits): void {
    this.#isPatient = queue.whenDown;
  }

  /** Elects from these backends from now on. */
  prepare(snapshot: Snapshot, balance: ServerSpec['balance']): void {
    this.#scheduler.prepare(snapshot, balance);
  }

  /** Elects a backend and takes a place at it. @param tried those that the connection is done with */
  take(link: Link, client: number, tried: readonly Candidate[]): Candidate | undefined {
    link.readClientIp(this.#context);
    const backend = this.#clients.sticks(client) ? this.#takeSticky(client, tried) : this.#take(tried);
    if (backend !== undefined && this.#scheduler.wasProbe) this.#failures.tries(link, backend);
    return backend;
  }

  giveBack(link: Link, backend: Candidate): void {
    this.#failures.left(link, backend);
    this.#scheduler.giveBack(backend.slot);
  }

  /** Whether there is a backend that was not tried and gets clients, be it full. */
  isUp(tried: readonly Candidate[]): boolean {
    return this.#scheduler.isUp(tried);
  }

  #takeSticky(client: number, tried: readonly Candidate[]): Candidate | undefined {
    const from = this.#clients.stuckTo(client);
    const backend = (from > 0 ? this.#scheduler.takeOne(from, tried) : undefined) ?? this.#take(tried);
    if (backend === undefined || backend.serial === from) return backend;
    const wasProbe = this.#scheduler.wasProbe;
    const stuckTo = this.#clients.stick(client, { from, to: backend.serial });
    return stuckTo === backend.serial || wasProbe ? backend : this.#takeInstead(backend, stuckTo, tried);
  }

  /** Several connections of a new client came at once: another thread had it stick elsewhere meanwhile. */
  #takeInstead(backend: Candidate, serial: number, tried: readonly Candidate[]): Candidate {
    const other = this.#scheduler.takeOne(serial, tried);
    if (other === undefined) return backend;
    this.#scheduler.giveBack(backend.slot);
    return other;
  }

  #take(tried: readonly Candidate[]): Candidate | undefined {
    const backend = this.#scheduler.take(this.#context, tried);
    return backend !== undefined || this.#isPatient ? backend : this.#scheduler.takeInDespair(this.#context, tried);
  }
}
