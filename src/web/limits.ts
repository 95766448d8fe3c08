import { openFilesLimit } from '../io/open-files.ts';

/** What one client may cost a service. */
export interface WebLimits {
  /** Of a request's body; a route may have a `bodyLimit` of its own. */
  readonly bodyBytes: number;
  /** Of the request line and all headers together. */
  readonly headerBytes: number;
  readonly headers: number;
  readonly urlLength: number;
  /** For the handshake of TLS; for all headers; for the whole request. Counted from the first byte that is awaited. */
  readonly handshakeMs: number;
  readonly headersMs: number;
  readonly requestMs: number;
  /** For the answer to be taken, from its first byte. Streams (web/event-stream.ts) have rules of their own. */
  readonly answerMs: number;
  /** Between two requests on one connection. */
  readonly keepAliveMs: number;
  /** How often Node looks whether any of the times for headers and requests is up. */
  readonly checkEveryMs: number;
  /** At a time. Beyond it those that idle between two requests make room, and who comes meanwhile is closed. */
  readonly connections: number;
  /**
   * Of them, for one address, or for one network of 64 bits with IPv6; streams are not counted. Beyond it the one that has
   * been silent longest makes room. Not for a unix socket.
   */
  readonly connectionsOfNetwork: number;
  /** Connections that may be streams: beyond it there are 503s, for which there is room. */
  readonly streams: number;
}

const MOST_CONNECTIONS = 2_000;
const FEWEST_CONNECTIONS = 64;
/** Of the descriptors of this process: the rest are for traffic. */
const SHARE_OF_DESCRIPTORS = 1 / 8;
/** One host has an address of either family; both together leave room for others, also beside all streams. */
const SHARE_OF_NETWORK = 1 / 5;
/** With the most connections these are 1,100. */
const SHARE_OF_STREAMS = 0.55;

export function webLimits(): WebLimits {
  const descriptors = Math.floor((openFilesLimit() ?? Infinity) * SHARE_OF_DESCRIPTORS);
  const connections = Math.max(FEWEST_CONNECTIONS, Math.min(MOST_CONNECTIONS, descriptors));
  return {
    bodyBytes: 1_048_576,
    headerBytes: 16_384,
    headers: 100,
    urlLength: 8_192,
    handshakeMs: 10_000,
    headersMs: 10_000,
    requestMs: 30_000,
    answerMs: 60_000,
    keepAliveMs: 65_000,
    checkEveryMs: 1_000,
    connections,
    connectionsOfNetwork: Math.floor(connections * SHARE_OF_NETWORK),
    streams: Math.round(connections * SHARE_OF_STREAMS),
  };
}
