import { decodeV1 } from './decode-v1.ts';
import { decodeV2 } from './decode-v2.ts';
import { FEWEST_V1_BYTES, SIGNATURE, V1_PREFIX, V2_BYTES } from './format.ts';
import type { Decoded, Transport } from './header.ts';

/**
 * Reads a header of either version from the first bytes of a connection, or of a datagram. IPv4 addresses in IPv6 form come
 * as IPv4. Takes time in proportion to the bytes, reads none behind the header and never throws.
 */
export function decodeProxyHeader(bytes: Uint8Array, transport: Transport = 'stream'): Decoded {
  if (agrees(bytes, V1_PREFIX)) {
    if (bytes.length < V1_PREFIX.length) return { need: bytes.length + 1 };
    return bytes.length < FEWEST_V1_BYTES ? { need: FEWEST_V1_BYTES } : decodeV1(bytes);
  }
  if (!agrees(bytes, SIGNATURE)) return { problem: 'it begins with something else', isForeign: true };
  if (bytes.length < SIGNATURE.length) return { need: bytes.length + 1 };
  return bytes.length < V2_BYTES ? { need: V2_BYTES } : decodeV2(bytes, transport);
}

/** As far as both go. */
function agrees(bytes: Uint8Array, prefix: Uint8Array): boolean {
  const length = Math.min(bytes.length, prefix.length);
  for (let index = 0; index < length; index++) if (bytes[index] !== prefix[index]) return false;
  return true;
}
