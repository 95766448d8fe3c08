import type { Candidate, Snapshot } from '../../../src/core/snapshot.ts';
import type { ServerLedger } from '../../../src/ledger/server-ledger.ts';
import type { FakeBackend } from '../rigs/frontend.ts';
import { ModelBackend } from './queue-model-state.ts';

const MAX_CONNECTIONS = [0, 1, 2, 5] as const;

/** A backend that is on the list. */
interface Listed {
  candidate: Candidate;
  /** It may be elected, as far as checks and hands go. */
  isServing: boolean;
}

/** Changes a server's backends at random, as the control plane may, and keeps the rows of the ledger in order. */
export class RandomPool {
  snapshot: Snapshot = { version: 1, backends: [] };
  readonly #ledger: ServerLedger;
  readonly #backends: Map<number, ModelBackend>;
  readonly #most: number;
  readonly #listed: Listed[] = [];
  /** Left the list; with the version of the first snapshot without them. */
  readonly #leaving = new Map<number, number>();
  #serials = 0;

  /** @param backends what the oracle knows of each row @param most that are there at a time */
  constructor(ledger: ServerLedger, backends: Map<number, ModelBackend>, most: number) {
    this.#ledger = ledger;
    this.#backends = backends;
    this.#most = most;
  }

  get slots(): readonly number[] {
    return this.#listed.map(({ candidate }) => candidate.slot);
  }

  add({ addresses = 1, maxConnections = 0, priority = 1, weight = 1, maxFails = 0 }: FakeBackend): void {
    const slot = this.#ledger.allocate();
    const serial = ++this.#serials;
    const candidate: Candidate = {
      slot,
      key: `b${serial}:80`,
      addresses: Array.from({ length: addresses }, (_, index) => ({ ip: `10.0.0.${index + 1}`, port: 1_000 + serial })),
      weight,
      priority,
      maxConnections,
      fullMaxConnections: maxConnections,
      serial,
      maxFails,
    };
    this.#listed.push({ candidate, isServing: true });
    this.#backends.set(slot, new ModelBackend());
  }

  /** @param applied the version that no thread elects from an earlier one of */
  change(pick: number, applied: number): void {
    this.#letGo(applied);
    const which = Math.floor(pick / 8);
    const listed = this.#listed[which % Math.max(1, this.#listed.length)];
    const kind = pick % 8;
    if (kind === 0 || listed === undefined) this.#grow(which);
    else if (kind === 1) this.#drop(listed);
    else if (kind <= 4) this.#toggle(listed);
    else this.#alter(listed, which);
    this.publish();
  }

  /** Those that wait may go on: the same backends, anew. */
  publish(): void {
    const backends = this.#listed.filter(({ isServing }) => isServing).map(({ candidate }) => candidate);
    backends.sort((one, other) => (one.key < other.key ? -1 : 1));
    this.snapshot = { version: this.snapshot.version + 1, backends };
  }

  forgetFailures(slot: number): void {
    this.#ledger.forgetFailures(slot);
    this.#backends.get(slot)!.failures = 0;
  }

  startProbing(slot: number): void {
    const known = this.#backends.get(slot)!;
    if (this.#ledger.startProbing(slot)) known.state = 'probing';
    this.publish();
  }

  restore(slot: number): void {
    this.#ledger.restore(slot);
    this.#backends.get(slot)!.restore();
    this.publish();
  }

  /** Failures do not count where they do not count any more. */
  heardOf(slot: number, what: string): void {
    const listed = this.#listed.find(({ candidate }) => candidate.slot === slot);
    if (listed?.candidate.maxFails === 0) this.restore(slot);
    else if (what === 'passed') this.publish();
  }

  #grow(pick: number): void {
    if (this.#listed.length >= this.#most) return;
    this.add({
      maxConnections: MAX_CONNECTIONS[pick % 4]!,
      priority: 1 + (pick % 2),
      weight: pick % 3,
      maxFails: pick % 4,
    });
  }

  #drop(listed: Listed): void {
    this.#listed.splice(this.#listed.indexOf(listed), 1);
    this.#leaving.set(listed.candidate.slot, this.snapshot.version + 1);
  }

  #toggle(listed: Listed): void {
    listed.isServing = !listed.isServing;
    if (listed.isServing) this.#absolve(listed);
  }

  #alter(listed: Listed, pick: number): void {
    const { candidate } = listed;
    const limit = MAX_CONNECTIONS[Math.floor(pick / 4) % 4]!;
    const starting = { maxConnections: Math.ceil(limit / 3), fullMaxConnections: limit };
    const changes = [
      pick % 3 === 0 ? starting : { maxConnections: limit, fullMaxConnections: limit },
      { maxFails: Math.floor(pick / 4) % 4 },
      { weight: Math.floor(pick / 4) % 4 },
      { priority: 1 + (Math.floor(pick / 4) % 2) },
    ];
    listed.candidate = { ...candidate, ...changes[pick % 4] };
    if (listed.candidate.maxFails === 0 && candidate.maxFails > 0) this.#absolve(listed);
  }

  #absolve({ candidate: { slot } }: Listed): void {
    this.#ledger.restore(slot);
    this.#backends.get(slot)!.restore();
  }

  #letGo(applied: number): void {
    for (const [slot, version] of this.#leaving) {
      if (version > applied || this.#backends.get(slot)!.active > 0) continue;
      this.#leaving.delete(slot);
      this.#ledger.release(slot);
    }
  }
}
