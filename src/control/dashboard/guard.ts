import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { isReading } from '../../web/reading.ts';

/** In which header the page sends its token. */
export const TOKEN_HEADER = 'x-tslb-csrf';

/** A page that was loaded before a restart has to be loaded anew; one from before a reload goes on. */
const PROCESS_KEY = randomBytes(32);

export interface Asking {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Who has logged in. */
  readonly login: string | undefined;
}

/**
 * Whether a request may change something: the page may at all, its user has logged in, and the request is from our page
 * and no other in that browser. A page of another origin can neither read the token nor send its header.
 */
export class Guard {
  readonly #isAdmin: boolean;
  readonly #key: Buffer;

  constructor(isAdmin: boolean, key = PROCESS_KEY) {
    this.#isAdmin = isAdmin;
    this.#key = key;
  }

  /** Undefined for those who may change nothing. */
  token(login: string | undefined): string | undefined {
    if (!this.#isAdmin || login === undefined) return undefined;
    return this.#mac(login).toString('base64url');
  }

  /** True, or why not. Who only reads needs no token to be told that he may. */
  mayChange({ method, headers, login }: Asking): true | string {
    if (!this.#isAdmin) return 'this page is read-only: [stats] admin is false';
    if (login === undefined) return 'changes need a login';
    if (isReading(method)) return true;
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin') return 'the request comes from a page of another site';
    if (!this.#isToken(headers[TOKEN_HEADER], login)) return 'the token of the page is missing or old: reload the page';
    return true;
  }

  #isToken(given: string | readonly string[] | undefined, login: string): boolean {
    if (typeof given !== 'string') return false;
    const bytes = Buffer.from(given, 'base64url');
    const token = this.#mac(login);
    return bytes.length === token.length && timingSafeEqual(bytes, token);
  }

  #mac(login: string): Buffer {
    return createHmac('sha256', this.#key).update(login).digest();
  }
}
