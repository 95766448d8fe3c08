import type { DatagramHeader } from '../../core/datagrams.ts';
import type { ClientAddress } from '../../core/engine.ts';
import { decodeProxyHeader } from '../../wire/proxy-protocol/decode.ts';
import { isTrusted } from './proxy-trust.ts';
import type { ServerSettings } from './settings.ts';

/** The header of the PROXY protocol, version 2, before each datagram of a client that may send one. */
export class ProxiedDatagrams implements DatagramHeader {
  client: ClientAddress = '';
  readonly #settings: ServerSettings;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
  }

  get isWanted(): boolean {
    return this.#settings.limits.proxyIn !== undefined;
  }

  read(datagram: Uint8Array, peer: ClientAddress): number {
    this.client = '';
    const accept = this.#settings.limits.proxyIn;
    if (accept === undefined) return 0;
    const without = accept.isRequired ? -1 : 0;
    if (!isTrusted(peer, accept.from)) return without;
    const read = decodeProxyHeader(datagram, 'datagram');
    if ('source' in read && read.version === 2) {
      this.client = read.source;
      return read.length;
    }
    return 'problem' in read && !read.isForeign ? -1 : without;
  }
}
