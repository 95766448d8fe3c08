import type { Greeting, SocketAddress } from '../../core/address.ts';
import type { ProxyOut, SendProxy } from '../../core/proxy-protocol.ts';
import { clientAddressOf } from '../../wire/client-address.ts';
import { encodeLocal, encodeV1, encodeV2 } from '../../wire/proxy-protocol/encode.ts';

export interface CheckedBackend {
  /** Of the backend itself. */
  readonly sendProxy: SendProxy | undefined;
  /** The checks go to another port than clients do. */
  readonly hasOwnPort: boolean;
}

/**
 * The header of the PROXY protocol that a check sends: the one that clients get, with the two ends of the check's own
 * connection. No receiver logs an error for it, though the connection is closed right after it.
 * @returns undefined where none is to be sent
 */
export function checkHeader(
  out: ProxyOut | undefined,
  { sendProxy, hasOwnPort }: CheckedBackend,
): Greeting | undefined {
  const version = sendProxy ?? out?.version ?? 'none';
  const command = out?.check ?? (hasOwnPort ? 'none' : 'proxy');
  if (version === 'none' || command === 'none') return undefined;
  const tlvs = { hasCrc32c: out?.tlvs.includes('crc32c') === true };
  return (from, to, transport) => {
    const ends = { source: addressOf(from), destination: addressOf(to) };
    const isKnown = ends.source !== '' && ends.destination !== '';
    if (version === 'v1') return encodeV1(isKnown ? ends : { source: LOOPBACK, destination: LOOPBACK });
    return isKnown && command === 'proxy' ? encodeV2(ends, tlvs, transport) : encodeLocal(tlvs);
  };
}

/** Where a unix socket is checked. */
const LOOPBACK = clientAddressOf('127.0.0.1', 1);

function addressOf(address: SocketAddress | undefined) {
  return address === undefined || 'path' in address ? '' : clientAddressOf(address.ip, address.port);
}
