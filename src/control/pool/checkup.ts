import type { NamedAddress } from '../../core/address.ts';
import type { Health } from '../../core/healthcheck.ts';
import type { Backend } from './backend.ts';
import type { Tell } from './events.ts';

/** Who checks backends, and calls `Pool.checked` when one goes down or comes up. */
export interface Checks {
  /** Checks these from now on, and no others. */
  watch(backends: readonly { readonly key: string; readonly target: NamedAddress }[]): void;
  /** What is known of one that is watched; undefined where nothing is checked. */
  health(key: string): Health | undefined;
}

/** Has backends checked, and sees what comes of it. */
export class Checkup {
  readonly #checks: Checks;
  readonly #tell: Tell;

  constructor(checks: Checks, tell: Tell) {
    this.#checks = checks;
    this.#tell = tell;
  }

  /** Has those checked that are in use, unless they are disabled. */
  watch(backends: readonly Backend[]): void {
    const watched = new Set(backends.filter(({ isDiscovered, state }) => isDiscovered && state !== 'disabled'));
    this.#checks.watch([...watched].map(({ key, spec: { target } }) => ({ key, target })));
    for (const backend of backends) this.see(backend, watched.has(backend) ? this.latest(backend) : undefined);
  }

  /** @param health undefined where nobody checks it any more */
  see(backend: Backend, health: Health | undefined): void {
    const before = backend.health;
    backend.health = health;
    if (before === undefined || health === undefined || before.isLive === health.isLive) return;
    this.#tell({ type: health.isLive ? 'up' : 'down', backend: backend.key, health });
  }

  /** As the last check of a backend that is watched has it: what stands in the backend changes with its liveness only. */
  latest({ key }: Backend): Health | undefined {
    return this.#checks.health(key);
  }
}
