import { randomBytes } from 'node:crypto';

import type { SocketAddress } from '../../core/address.ts';
import type { ProxyOut, SendProxy, SentTlv } from '../../core/proxy-protocol.ts';
import { clientAddressOf } from '../../wire/client-address.ts';
import { type Ends, encodeLocal, encodeV1, encodeV2, type SentTlvs } from '../../wire/proxy-protocol/encode.ts';
import { MOST_AUTHORITY_BYTES } from '../../wire/proxy-protocol/format.ts';
import type { ProxyTlvs } from '../../wire/proxy-protocol/tlvs.ts';
import type { Session } from './session.ts';

/** Before the number of a connection in its unique id: of no other thread, and of no other run of the program. */
const ID_PREFIX = randomBytes(6).toString('hex');

/** No TLV is longer: HAProxy takes no longer one. */
const MOST_TLV_BYTES = 1024;

const NO_TLVS: SentTlvs = {};

/** Of a client and a backend on unix sockets, where every receiver takes version 1 only with addresses. */
const LOOPBACK = clientAddressOf('127.0.0.1', 1);

/** Gives the backend that was dialled the header that it is to get, before anything else. */
export function sendProxyHeader(session: Session, to: SocketAddress): void {
  const { proxyOut, udp } = session.server.settings.limits;
  const version = session.elected().sendProxy ?? proxyOut?.version;
  if (version === undefined || version === 'none' || (version === 'v1' && udp !== undefined)) return;
  session.pair.preface(headerOf(session, { version, proxyOut, isDatagram: udp !== undefined }, to));
}

/** The unique id that came with the client, or its own: 12 hexadecimal digits of the thread, `-`, and its number. */
export function uniqueIdOf(session: Session): string {
  return session.proxyTlvs.uniqueId ?? `${ID_PREFIX}-${session.number.toString(16)}`;
}

interface Wanted {
  readonly version: SendProxy;
  readonly proxyOut: ProxyOut | undefined;
  readonly isDatagram: boolean;
}

/** @returns memory that is used again */
function headerOf(session: Session, { version, proxyOut, isDatagram }: Wanted, to: SocketAddress): Uint8Array {
  const ends = endsOf(session, to);
  if (version === 'v1') return encodeV1(ends ?? { source: LOOPBACK, destination: LOOPBACK });
  const tlvs = proxyOut === undefined || proxyOut.tlvs.length === 0 ? NO_TLVS : tlvsOf(session, proxyOut.tlvs);
  return ends === undefined ? encodeLocal(tlvs) : encodeV2(ends, tlvs, isDatagram ? 'datagram' : 'stream');
}

/**
 * The addresses of the client's connection, as it has them or as its header said. A client on a unix socket has none: then
 * those of the connection to the backend.
 */
function endsOf({ pair, clientAddress, destination }: Session, to: SocketAddress): Ends | undefined {
  const asked = destination === '' ? pair.localAddress() : destination;
  if (clientAddress !== '' && asked !== '') return { source: clientAddress, destination: asked };
  const own = pair.backendLocalAddress();
  if (own === '' || 'path' in to) return undefined;
  return { source: own, destination: clientAddressOf(to.ip, to.port) };
}

/** Of those that are wanted, the ones that are known. Of several protocols that a client offers none is known to be in use. */
function tlvsOf(session: Session, wanted: readonly SentTlv[]): SentTlvs {
  const { proxyTlvs } = session;
  const tlvs: { -readonly [Key in keyof SentTlvs]: SentTlvs[Key] } = {};
  for (const tlv of wanted) {
    if (tlv === 'crc32c') tlvs.hasCrc32c = true;
    else if (tlv === 'unique_id') tlvs.uniqueId = uniqueIdOf(session);
    else if (tlv === 'authority') {
      // A hello without a name has ''. What was no UTF-8 has become longer.
      const { tlsName = '' } = session;
      const name = tlsName === '' ? (proxyTlvs.authority ?? '') : tlsName;
      if (name !== '' && Buffer.byteLength(name) <= MOST_AUTHORITY_BYTES) tlvs.authority = name;
    } else if (tlv === 'alpn') {
      const protocol = session.alpn.length === 1 ? session.alpn[0] : proxyTlvs.alpn;
      // The text of what is no visible ASCII is not what the client has sent.
      if (protocol !== undefined && (protocol === proxyTlvs.alpn || !protocol.includes('\\'))) tlvs.alpn = protocol;
    } else if (isPassedOn(session, proxyTlvs.ssl)) tlvs.ssl = proxyTlvs.ssl;
  }
  return tlvs;
}

/** Receivers decide by it who may come in: only the word of a sender counts that the configuration names. */
function isPassedOn(session: Session, ssl: ProxyTlvs['ssl']): ssl is NonNullable<ProxyTlvs['ssl']> {
  if (ssl === undefined || (session.server.settings.limits.proxyIn?.from.length ?? 0) === 0) return false;
  const { version = '', cipher = '', commonName = '' } = ssl;
  return version.length + cipher.length + commonName.length < MOST_TLV_BYTES - 14;
}
