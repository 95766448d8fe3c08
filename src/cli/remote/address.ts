import { visible } from '../../config/problem/diagnostic-line.ts';
import { TslbError } from '../../core/errors.ts';

/** Where an API listens, as undici wants it. */
export interface ApiAddress {
  /** As people name it: `http://127.0.0.1:8888` or `unix:/run/tslb.sock`. */
  readonly text: string;
  /** Scheme, host and port; for a unix socket a placeholder. */
  readonly origin: string;
  /** The path before `/v1`: empty, or the path of the stats page or of a proxy's location. */
  readonly base: string;
  readonly socketPath?: string;
  /** A login that the address names. */
  readonly login?: string;
}

/** Where the API is by default. */
export const DEFAULT_API = 'http://127.0.0.1:8888';

const FORMS = 'http://HOST:PORT, https://HOST:PORT or unix:/PATH';

/**
 * Reads `http://127.0.0.1:8888`, `https://name/base`, `unix:/run/tslb.sock`; without a scheme it is http.
 * @throws TslbError TSLB_USAGE, also for a password in it, which all users of the machine could read
 */
export function parseApiAddress(text: string): ApiAddress {
  if (text.startsWith('unix:')) return unixAddress(text);
  // A URL of two slashes and a path would take its first folder for a host.
  const url = text.startsWith('/') ? undefined : urlOf(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === undefined || url.hostname === '' || !['http:', 'https:'].includes(url.protocol)) {
    throw new TslbError(
      'TSLB_USAGE',
      `"${visible(withoutPassword(text))}" is not an address of an API; write ${FORMS}`,
    );
  }
  const login = loginOf(url);
  if (login === undefined) {
    throw new TslbError(
      'TSLB_USAGE',
      `the login in "${visible(withoutPassword(text))}" cannot be read; write %25 for a "%"`,
    );
  }
  if (url.password !== '') {
    throw new TslbError(
      'TSLB_USAGE',
      'the address of the API holds a password, which others can read; use TSLB_PASSWORD or --password-file for it',
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw new TslbError('TSLB_USAGE', `the address of the API ends with its path: "${visible(text)}"`);
  }
  const base = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  return {
    text: url.origin + base,
    origin: url.origin,
    base,
    ...(login !== '' && { login }),
  };
}

function unixAddress(text: string): ApiAddress {
  const socketPath = text.slice('unix:'.length).replace(/^\/\/(?=\/)/, '');
  if (!socketPath.startsWith('/')) {
    throw new TslbError(
      'TSLB_USAGE',
      `"${visible(text)}" is not a unix socket; write its whole path, as unix:/run/tslb.sock`,
    );
  }
  return { text: `unix:${socketPath}`, origin: 'http://localhost', base: '', socketPath };
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** @returns undefined when a percent escape is invalid */
function loginOf({ username }: URL): string | undefined {
  try {
    return decodeURIComponent(username);
  } catch {
    return undefined;
  }
}

/** For the message about a text that is no address and may still contain a password. */
function withoutPassword(text: string): string {
  return text.replace(/:[^:@/]*@/, ':…@');
}
