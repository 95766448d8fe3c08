import { isIP } from 'node:net';

import type { SocketAddress } from '../../core/address.ts';
import { backendKey, type BackendSpec } from '../../core/backend.ts';
import type { Candidate } from '../../core/snapshot.ts';
import type { NameWatch, Names } from '../../io/names.ts';

/** One upstream server with its state, owned by its pool. */
export class Backend {
  readonly key: string;
  /** Row in the server's ledger, kept as long as the backend is. */
  readonly slot: number;
  spec: BackendSpec;
  /** Still on the list. One that is not gets no connections and goes when its last has ended. */
  isDiscovered = true;
  /** Undefined until its name was resolved. */
  #addresses: readonly SocketAddress[] | undefined;
  #watch: NameWatch | undefined;
  #resolveHeard: () => void = () => undefined;
  /** Resolves when its addresses are known, or known to be unknown. */
  readonly heard: Promise<void>;
  hasHeard = false;

  constructor(spec: BackendSpec, slot: number) {
    this.key = backendKey(spec);
    this.spec = spec;
    this.slot = slot;
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

  /** What a snapshot says of it; undefined while it may not be elected. */
  get candidate(): Candidate | undefined {
    if (!this.isDiscovered || this.#addresses === undefined) return undefined;
    const { weight, priority, maxConnections } = this.spec;
    return { slot: this.slot, key: this.key, addresses: this.#addresses, weight, priority, maxConnections };
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
