import type { ElectionContext } from '../core/context.ts';
import type { Network } from '../core/network.ts';
import { isMappedIPv4, mappedByte } from './ip.ts';

/** The bits in front of the IPv4 address in its 16 bytes. */
const MAPPED_BITS = 96;

/** An address in bytes: `ipLength` of them count. */
type Ip = Readonly<Pick<ElectionContext, 'ip' | 'ipLength'>>;

/**
 * The fewest bits of a network that can hold the address. An IPv4 address is the same with 4 bytes and with 16
 * (::ffff:a.b.c.d), and only an IPv4 network holds it, as in gobetween (Go's `IPNet.Contains`).
 */
export function leastBitsFor({ ip, ipLength }: Ip): number {
  return ipLength === 4 || isMappedIPv4(ip) ? MAPPED_BITS : 0;
}

/** Whether the leading bits agree. A caller compares `leastBitsFor` first. */
export function hasPrefix({ base, bits }: Network, { ip, ipLength }: Ip): boolean {
  for (let i = 0, left = bits; left > 0; i++, left -= 8) {
    const byte = ipLength === 16 ? ip[i] : i < 12 ? mappedByte(i) : ip[i - 12];
    const mask = left < 8 ? 0xff00 >> left : 0xff;
    if ((((byte as number) ^ (base[i] as number)) & mask & 0xff) !== 0) return false;
  }
  return true;
}
