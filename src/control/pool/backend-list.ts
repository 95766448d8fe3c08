import { type BackendOverrides, withAddedAndRemoved, NO_OVERRIDES } from '../../core/backend-overrides.ts';
import { backendKey, type BackendSpec } from '../../core/backend.ts';
import type { Backend } from './backend.ts';

/** The backends that a server is to have: the list that discovery has found, with the overrides applied to it. */
export class BackendList {
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
    this.#combine();
  }

  applyOverrides(overrides: BackendOverrides): void {
    this.#overrides = overrides;
    this.#combine();
  }

  /** Whether it is on the list in force. */
  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** As discovery has found it, also where an override removes it. */
  found(key: string): BackendSpec | undefined {
    return this.#found.find((spec) => backendKey(spec) === key);
  }

  /** Applies the overrides to a backend. */
  override(backend: Backend): void {
    backend.override = this.#overrides.changed.get(backend.key) ?? {};
    backend.isDynamic = this.#overrides.added.has(backend.key);
  }

  #combine(): void {
    this.#specs = withAddedAndRemoved(this.#overrides, this.#found);
    this.#keys = new Set(this.#specs.map(backendKey));
  }
}
