import { backendKey, type BackendSpec } from '../../core/backend.ts';
import type { Backend } from './backend.ts';
import { type ByHand, listedBy, NOTHING_BY_HAND } from './by-hand.ts';

/** The backends that are to be there: what discovery has found, as it was changed by hand. */
export class Listing {
  #found: readonly BackendSpec[] = [];
  #byHand: ByHand = NOTHING_BY_HAND;
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

  overrule(byHand: ByHand): void {
    this.#byHand = byHand;
    this.#settle();
  }

  /** Whether it is on the list in force. */
  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** As discovery has found it, be it removed by hand or not. */
  found(key: string): BackendSpec | undefined {
    return this.#found.find((spec) => backendKey(spec) === key);
  }

  /** Gives a backend what holds for it by hand. */
  mark(backend: Backend): void {
    backend.override = this.#byHand.overrides.get(backend.key) ?? {};
    backend.isAdded = this.#byHand.added.has(backend.key);
  }

  #settle(): void {
    this.#specs = listedBy(this.#byHand, this.#found);
    this.#keys = new Set(this.#specs.map(backendKey));
  }
}
