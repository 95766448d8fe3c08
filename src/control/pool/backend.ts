import { isIP } from 'node:net';

import type { SocketAddress } from '../../core/address.ts';
import type { BackendOverride } from '../../core/backend-overrides.ts';
import { backendKey, type BackendSpec, type BackendState } from '../../core/backend.ts';
import type { Health } from '../../core/healthcheck.ts';
import type { Names, NameWatch } from '../../io/names/resolver.ts';

/** Where a backend has its place: both are its own as long as it is there. */
export interface BackendPlace {
  /** Row in the server's ledger. */
  readonly slot: number;
  /** Of no other backend of the server, before or after. */
  readonly serial: number;
}

/** One upstream server with its state, owned by its pool. */
export class Backend {
  readonly key: string;
  readonly slot: number;
  readonly serial: number;
  spec: BackendSpec;
  /** Still on the list. One that is not gets no connections and goes when its last has ended. */
  isDiscovered = true;
  /** The values that an override has in place of those of the list. */
  override: BackendOverride = {};
  /** It was added at runtime. */
  isDynamic = false;
  /** What the checks say; undefined while it is not checked. */
  health: Health | undefined;
  /** Undefined until its name was resolved. */
  #addresses: readonly SocketAddress[] | undefined;
  #watch: NameWatch | undefined;
  #resolveHeard: () => void = () => undefined;
  /** Resolves when its addresses are known, or known to be unknown. */
  readonly heard: Promise<void>;
  hasHeard = false;

  constructor(spec: BackendSpec, { slot, serial }: BackendPlace) {
    this.key = backendKey(spec);
    this.spec = spec;
    this.slot = slot;
    this.serial = serial;
    this.heard = new Promise((resolve) => {
      this.#resolveHeard = resolve;
    });
  }

  /** @param changed called whenever it may have become a candidate or its addresses changed; perhaps at once */
  resolve(names: Names, changed: () => void, failed: (error: Error) => void): void {
    const { target } = this.spec;
    if ('path' in target) return this.#learn([target], changed);
    const { host, port } = target;
    if (isIP(host) !== 0) return this.#learn([{ ip: host, port }], changed);
    this.#watch = names.watch(host, {
      found: (addresses) =>
        this.#learn(
          addresses.map((ip) => ({ ip, port })),
          changed,
        ),
      failed: (error) => {
        this.#hear();
        failed(error);
      },
    });
  }

  get addresses(): readonly SocketAddress[] | undefined {
    return this.#addresses;
  }

  get state(): BackendState {
    return this.override.state ?? this.spec.state ?? 'enabled';
  }

  get weight(): number {
    return this.override.weight ?? this.spec.weight;
  }

  /** 0 is no limit. */
  get maxConnections(): number {
    return this.override.maxConnections ?? this.spec.maxConnections;
  }

  /** As far as checks go; a backend that is not checked is live. */
  get isLive(): boolean {
    return this.health?.isLive ?? true;
  }

  stop(): void {
    this.#watch?.stop();
    this.#hear();
  }

  #learn(addresses: readonly SocketAddress[], changed: () => void): void {
    this.#addresses = addresses;
    this.#hear();
    changed();
  }

  #hear(): void {
    this.hasHeard = true;
    this.#resolveHeard();
  }
}
