import type { Duplex } from 'node:stream';

import type { NamedAddress } from '../core/address.ts';
import { askByHttp } from './http-exchange.ts';

/** Opens a connection for a request, which is the caller's to destroy. */
export type HttpConnect = (target: NamedAddress, signal: AbortSignal) => Promise<Duplex>;

export interface HttpConnectors {
  readonly 'http:': HttpConnect;
  readonly 'https:': HttpConnect;
}

export interface HttpGet {
  /** With `http:` or `https:`. Its user and password are sent, and to its own host and port only. */
  readonly url: URL;
  readonly connect: HttpConnectors;
  /** Bytes of the body; more are an error. */
  readonly mostBody: number;
  /** Redirections that are followed. */
  readonly mostRedirects: number;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const PORTS = { 'http:': 80, 'https:': 443 } as const;

/**
 * Fetches a page, each request on a connection of its own.
 * @throws what is wrong with the answer, the system's error, or at an abort; no message has the user or the password
 */
export async function getByHttp(
  { url, connect, mostBody, mostRedirects }: HttpGet,
  signal: AbortSignal,
): Promise<Buffer> {
  const authorization = authorizationOf(url);
  let at = url;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const isOwn = at.origin === url.origin;
    const { status, body, location } = await ask(at, { connect, mostBody, ...(isOwn && authorization) }, signal);
    if (REDIRECTS.has(status) && location !== undefined) {
      at = redirected(at, location);
      continue;
    }
    if (status < 200 || status > 299) throw new Error(`the status is ${status}`);
    if (body.length > mostBody) throw new Error(`the answer has more than ${mostBody} bytes`);
    return body;
  }
  throw new Error(`more than ${mostRedirects} redirections`);
}

interface Request {
  readonly connect: HttpConnectors;
  readonly mostBody: number;
  readonly authorization?: string;
}

async function ask(url: URL, { connect, mostBody, authorization }: Request, signal: AbortSignal) {
  const scheme = schemeOf(url);
  const port = url.port === '' ? PORTS[scheme] : Number(url.port);
  const connection = await connect[scheme]({ host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port }, signal);
  try {
    const path = `${url.pathname}${url.search}`;
    // One byte more than is allowed tells that there is too much.
    const question = { method: 'GET', path, host: url.host, mostBody: mostBody + 1 };
    return await askByHttp(connection, { ...question, ...(authorization !== undefined && { authorization }) }, signal);
  } finally {
    connection.destroy();
  }
}

function schemeOf({ protocol }: URL): keyof HttpConnectors {
  if (protocol === 'http:' || protocol === 'https:') return protocol;
  throw new Error(`redirected to ${protocol}, which is not HTTP`);
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw new Error('redirected to what is no address');
  const to = new URL(location, from);
  if (from.protocol === 'https:' && to.protocol === 'http:') throw new Error('redirected from https to http');
  return to;
}

function authorizationOf({ username, password }: URL): { readonly authorization: string } | undefined {
  if (username === '' && password === '') return undefined;
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
}
