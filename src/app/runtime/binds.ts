import { isIP } from 'node:net';

import { addressText, type NamedAddress, type SocketAddress } from '../../core/address.ts';
import { asError, TslbError } from '../../core/errors.ts';
import type { Lookups } from '../../io/names/resolver.ts';

/** Resolves the hosts of binds; IPv4 is preferred, as in gobetween. */
export class Binds {
  readonly #lookups: Lookups;
  /** A bind is resolved once: its name might mean another address by the next reload, and its listener is open. */
  readonly #known = new Map<string, SocketAddress>();

  constructor(lookups: Lookups) {
    this.#lookups = lookups;
  }

  /** @param owner of the bind, for messages: `server "web"`, `[api]` @throws TslbError TSLB_BIND_NAME */
  async resolve(bind: NamedAddress, owner: string): Promise<SocketAddress> {
    if ('path' in bind) return bind;
    const { host, ...where } = bind;
    if (host === '*' || isIP(host) !== 0) return { ip: host, ...where };
    const key = addressText(bind);
    const address = this.#known.get(key) ?? { ip: await this.#firstAddress(host, owner), ...where };
    this.#known.set(key, address);
    return address;
  }

  async #firstAddress(host: string, owner: string): Promise<string> {
    try {
      const [ip] = await this.#lookups.addresses(host);
      if (ip === undefined) throw new Error('the name has no address');
      return ip;
    } catch (thrown) {
      const cause = asError(thrown);
      throw new TslbError('TSLB_BIND_NAME', `${owner}: cannot resolve the bind host "${host}": ${cause.message}`, {
        cause,
      });
    }
  }
}
