import { type BackendOverrides, withAddedAndRemoved, NO_OVERRIDES } from '../../core/backend-overrides.ts';
import { backendKey, type BackendSpec } from '../../core/backend.ts';
import type { Backend } from './backend.ts';

/** The backends that are to be there: what discovery has found, and the overrides over it. */
export class Listing {
  #found: readonly BackendSpec[] = [];
  #overrides: BackendOverrides = NO_OVERRIDES;
  #specs: readonly BackendSpec[] = [];
  #keys: ReadonlySet<string> = new Set();

  /** In force. */
  get specs(): readonly BackendSpec[] {
    return this.#specs;
  }

  find(found: readonly BackendSpec[]): void {
    this.#found = found;
    this.#settle();
  }

  applyOverrides(overrides: BackendOverrides): void {
    this.#overrides = overrides;
    this.#settle();
  }

  /** Whether it is on the list in force. */
  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** As discovery has found it, also where an override removes it. */
  found(key: string): BackendSpec | undefined {
    return this.#found.find((spec) => backendKey(spec) === key);
  }

  /** Gives a backend its overrides. */
  mark(backend: Backend): void {
    backend.override = this.#overrides.changed.get(backend.key) ?? {};
    backend.isDynamic = this.#overrides.added.has(backend.key);
  }

  #settle(): void {
    this.#specs = withAddedAndRemoved(this.#overrides, this.#found);
    this.#keys = new Set(this.#specs.map(backendKey));
  }
}
