import { backendKey, type BackendSpec } from '../../core/backend.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import type { Names } from '../../io/names.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import { Backend } from './backend.ts';

/** How often a backend that left the list is looked at, to see whether its last connection has ended. */
const SWEEP_MS = 1_000;

export interface PoolParts {
  readonly ledger: ServerLedger;
  readonly names: Names;
  readonly clock: Clock;
  /** Told each new snapshot. */
  readonly publish: (snapshot: Snapshot) => void;
  /** A backend's name cannot be resolved; its last known addresses, if any, stay in use. */
  readonly unresolved: (backend: string, error: Error) => void;
}

/**
 * The one owner of a server's backends: merges each new list into those it knows, keeps what leaves the list until its
 * connections have ended, and publishes who may be elected.
 */
export class Pool {
  readonly #parts: PoolParts;
  readonly #backends = new Map<string, Backend>();
  /** Left the list; with the version of the first snapshot without them. */
  readonly #leaving = new Map<Backend, number>();
  #snapshot: Snapshot = { version: 0, backends: [] };
  #appliedVersion = 0;
  /** Keys of the list in force. */
  #listed: ReadonlySet<string> = new Set();
  #isMerging = false;
  #sweep: Timer | undefined;

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /**
   * Takes over a whole list. A backend that is on it keeps its counts and connections, also if it had left it. Those
   * that are not stay in use until the names of the others were asked for, so that a change leaves no gap.
   */
  update(specs: readonly BackendSpec[]): void {
    this.#listed = new Set(specs.map(backendKey));
    this.#isMerging = true;
    try {
      for (const spec of specs) this.#merge(spec);
    } finally {
      this.#isMerging = false;
    }
    if (!this.#dropUnlisted()) this.#publish();
  }

  /** Resolves when every backend's name was asked for once. */
  async resolved(): Promise<void> {
    await Promise.all([...this.#backends.values()].map(({ heard }) => heard));
  }

  /** No thread elects from a snapshot before this version any more. */
  applied(version: number): void {
    this.#appliedVersion = Math.max(this.#appliedVersion, version);
    this.#forget();
  }

  /** Every backend with its row in the ledger, those included that are leaving. */
  slots(): readonly number[] {
    return [...this.#backends.values()].map(({ slot }) => slot);
  }

  stop(): void {
    this.#sweep?.cancel();
    for (const backend of this.#backends.values()) backend.stop();
  }

  /** @returns false when there is nothing to drop, or not yet */
  #dropUnlisted(): boolean {
    const backends = [...this.#backends.values()];
    const unlisted = backends.filter(({ key, isDiscovered }) => isDiscovered && !this.#listed.has(key));
    if (unlisted.length === 0 || backends.some((each) => this.#isAwaited(each))) return false;
    for (const backend of unlisted) {
      backend.isDiscovered = false;
      this.#leaving.set(backend, this.#snapshot.version + 1);
    }
    this.#publish();
    return true;
  }

  #isAwaited({ key, hasHeard }: Backend): boolean {
    return this.#listed.has(key) && !hasHeard;
  }

  /** The addresses of a backend are known, or known to be unknown, or have changed. */
  #heard(): void {
    if (!this.#isMerging && !this.#dropUnlisted()) this.#publish();
  }

  #merge(spec: BackendSpec): void {
    const known = this.#backends.get(backendKey(spec));
    if (known !== undefined) {
      known.spec = spec;
      known.isDiscovered = true;
      this.#leaving.delete(known);
      return;
    }
    const backend = new Backend(spec, this.#parts.ledger.allocate());
    this.#backends.set(backend.key, backend);
    backend.resolve(
      this.#parts.names,
      () => this.#heard(),
      (error) => {
        this.#parts.unresolved(backend.key, error);
        this.#dropUnlisted();
      },
    );
  }

  #publish(): void {
    const backends = [...this.#backends.values()].flatMap(({ candidate }) => candidate ?? []).sort(byKey);
    this.#snapshot = { version: this.#snapshot.version + 1, backends };
    this.#parts.publish(this.#snapshot);
    this.#forget();
  }

  /** A row is given back only when no thread can elect the backend any more and none of its connections is left. */
  #forget(): void {
    for (const [backend, version] of this.#leaving) {
      if (version > this.#appliedVersion || this.#parts.ledger.active(backend.slot) > 0) continue;
      this.#leaving.delete(backend);
      this.#backends.delete(backend.key);
      backend.stop();
      this.#parts.ledger.release(backend.slot);
    }
    this.#sweep?.cancel();
    this.#sweep = this.#leaving.size === 0 ? undefined : this.#parts.clock.after(SWEEP_MS, () => this.#forget());
  }
}

/** Byte order, as every thread and node sorts them. */
function byKey(one: { readonly key: string }, other: { readonly key: string }): number {
  if (one.key === other.key) return 0;
  return one.key < other.key ? -1 : 1;
}
