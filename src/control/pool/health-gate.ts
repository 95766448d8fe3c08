import type { NamedAddress, SocketAddress } from '../../core/address.ts';
import type { SendProxy } from '../../core/proxy-protocol.ts';
import type { Health } from '../../core/healthcheck.ts';
import type { Backend } from './backend.ts';
import type { Tell } from './events.ts';

export interface Watched {
  /** Identity of the backend (core/backend.ts). */
  readonly key: string;
  readonly target: NamedAddress;
  /** Where its clients are sent at this moment; undefined until its name was resolved. */
  readonly addresses: () => readonly SocketAddress[] | undefined;
  /** The header that its clients are sent with; undefined where its server says. */
  readonly sendProxy: () => SendProxy | undefined;
}

/** Checks backends, and has `Pool.checked` called when one goes down or comes up. */
export interface Checks {
  /** Checks these from now on, and no others. */
  watch(backends: readonly Watched[]): void;
  /** The addresses of one that is perhaps watched are others than before. */
  moved(key: string): void;
  /** What is known of one that is watched; undefined where nothing is checked. */
  health(key: string): Health | undefined;
}

/** Has backends checked, and keeps in each what its checks say. */
export class HealthGate {
  readonly #checks: Checks;
  readonly #tell: Tell;

  constructor(checks: Checks, tell: Tell) {
    this.#checks = checks;
    this.#tell = tell;
  }

  /** Has the listed backends checked, unless they are disabled. */
  watch(backends: readonly Backend[]): void {
    const watched = new Set(backends.filter(({ isDiscovered, state }) => isDiscovered && state !== 'disabled'));
    this.#checks.watch([...watched].map(watchedOf));
    for (const backend of backends) this.record(backend, watched.has(backend) ? this.latest(backend) : undefined);
  }

  moved({ key }: Backend): void {
    this.#checks.moved(key);
  }

  /** @param health undefined where it is not checked any more */
  record(backend: Backend, health: Health | undefined): void {
    const before = backend.health;
    backend.health = health;
    if (before === undefined || health === undefined || before.isLive === health.isLive) return;
    this.#tell({ type: health.isLive ? 'up' : 'down', backend: backend.key, health });
  }

  /** As the last check of a watched backend says. What is kept in the backend changes with its liveness only. */
  latest({ key }: Backend): Health | undefined {
    return this.#checks.health(key);
  }
}

function watchedOf(backend: Backend): Watched {
  return {
    key: backend.key,
    target: backend.spec.target,
    addresses: () => backend.addresses,
    sendProxy: () => backend.spec.sendProxy,
  };
}
