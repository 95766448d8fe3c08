import type { BackendOverrides } from '../../core/backend-overrides.ts';
import { backendKey, type BackendSpec } from '../../core/backend.ts';
import type { Clock } from '../../core/clock.ts';
import type { Names } from '../../io/names/resolver.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import { BackendList } from './backend-list.ts';
import { Backend } from './backend.ts';
import { DrainingBackends } from './draining-backends.ts';
import type { Tell } from './events.ts';

export interface BackendSetParts {
  readonly ledger: ServerLedger;
  readonly names: Names;
  readonly clock: Clock;
  readonly tell: Tell;
  /** The version of the next snapshot: the first one without the backends that leave now. */
  readonly nextVersion: () => number;
  /** A backend that was there already is on a new list, perhaps with other values. */
  readonly kept: (backend: Backend) => void;
  /** Backends came or left, or their states changed. */
  readonly listChanged: () => void;
  /** The addresses of a backend are known now, or known to be unknown, or have changed. */
  readonly addressesChanged: () => void;
  /** A backend is at other addresses than before. */
  readonly moved: (backend: Backend) => void;
}

/**
 * The backends of a server: merges each new list into those that are there, and keeps what leaves the list until its
 * connections have ended.
 */
export class BackendSet {
  readonly #parts: BackendSetParts;
  readonly #backends = new Map<string, Backend>();
  readonly #list = new BackendList();
  readonly #draining: DrainingBackends;
  #serials = 0;
  #isMerging = false;

  constructor(parts: BackendSetParts) {
    this.#parts = parts;
    this.#draining = new DrainingBackends(parts.ledger, parts.clock, (backend) => this.#gone(backend));
  }

  get list(): Pick<BackendList, 'found' | 'has' | 'specs'> {
    return this.#list;
  }

  /** Those included that are leaving. */
  get all(): readonly Backend[] {
    return [...this.#backends.values()];
  }

  get(key: string): Backend | undefined {
    return this.#backends.get(key);
  }

  /** Takes over a whole list. A backend that is on it keeps its counts and connections, also if it had left it. */
  update(specs: readonly BackendSpec[]): void {
    this.#list.find(specs);
    this.#takeOver();
  }

  /** At once for backends that are there, and for others when they come. What they remove is dropped at once. */
  applyOverrides(overrides: BackendOverrides): void {
    const listed = this.all.filter(({ key }) => this.#list.has(key));
    this.#list.applyOverrides(overrides);
    for (const backend of this.all) this.#change(backend, () => this.#list.override(backend));
    this.#drop(listed.filter(({ key }) => !this.#list.has(key)));
    this.#takeOver();
  }

  /** No thread elects from a snapshot before this version any more. */
  applied(version: number): void {
    this.#draining.applied(version);
  }

  /** Lets go of the backends that left and whose last connection has ended. */
  sweep(): void {
    this.#draining.sweep();
  }

  stop(): void {
    this.#draining.stop();
    for (const backend of this.#backends.values()) backend.stop();
  }

  /** The list, or an override, has changed. */
  #takeOver(): void {
    this.#isMerging = true;
    try {
      for (const spec of this.#list.specs) this.#merge(spec);
    } finally {
      this.#isMerging = false;
    }
    if (!this.#dropUnlisted()) this.#parts.listChanged();
  }

  #merge(spec: BackendSpec): void {
    const known = this.#backends.get(backendKey(spec));
    if (known === undefined) return this.#add(spec);
    this.#change(known, () => (known.spec = spec));
    known.isDiscovered = true;
    this.#draining.stay(known);
    this.#parts.kept(known);
  }

  #add(spec: BackendSpec): void {
    const { ledger, names, tell } = this.#parts;
    const backend = new Backend(spec, { slot: ledger.allocate(), serial: ++this.#serials });
    this.#list.override(backend);
    this.#backends.set(backend.key, backend);
    backend.resolve(
      names,
      () => this.#resolved(backend),
      (error) => {
        tell({ type: 'unresolved', backend: backend.key, error });
        this.#dropUnlisted();
      },
    );
  }

  #resolved(backend: Backend): void {
    this.#parts.moved(backend);
    if (!this.#isMerging && !this.#dropUnlisted()) this.#parts.addressesChanged();
  }

  /**
   * Drops what left the list, once the names of all that are on it were asked for.
   *
   * @returns false when there is nothing to drop, or not yet
   */
  #dropUnlisted(): boolean {
    const unlisted = this.all.filter(({ key, isDiscovered }) => isDiscovered && !this.#list.has(key));
    if (unlisted.length === 0 || this.all.some((each) => this.#isAwaited(each))) return false;
    this.#drop(unlisted);
    this.#parts.listChanged();
    return true;
  }

  #isAwaited({ key, hasHeard }: Backend): boolean {
    return this.#list.has(key) && !hasHeard;
  }

  /** The next snapshot is without them. */
  #drop(backends: readonly Backend[]): void {
    for (const backend of backends) {
      backend.isDiscovered = false;
      this.#draining.leave(backend, this.#parts.nextVersion());
    }
  }

  /** Changes what may change the backend's state, and tells if it did. */
  #change(backend: Backend, change: () => void): void {
    const before = backend.state;
    change();
    const { key, state, override } = backend;
    if (state === before) return;
    this.#parts.tell({ type: 'state', backend: key, state, isOverride: override.state !== undefined });
  }

  /** Its row may be another's now. */
  #gone(backend: Backend): void {
    this.#backends.delete(backend.key);
    backend.stop();
    this.#parts.ledger.release(backend.slot);
  }
}
