import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

import type { Network } from '../../core/network.ts';
import { quoted } from '../problem/problem.ts';

/** What is wrong with the text of a network. Its caller knows which code that has. */
export interface NetworkFault {
  readonly message: string;
  /** Into the text. */
  readonly offset: number;
  readonly expected?: string;
  readonly suggestion?: string;
}

/** An IPv4 address as ::ffff:a.b.c.d has this many bits in front. */
const MAPPED_BITS = 96;

/**
 * Reads an IP address or CIDR and clears the host bits of a network. isIP decides what an address is: ipaddr.js alone
 * would take octal and hexadecimal ones.
 */
export function parseNetwork(text: string): { readonly value: Network } | { readonly fault: NetworkFault } {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 0) {
    return { fault: { message: `${quoted(address)} is not an IP address`, offset: 0, ...meantBy(address) } };
  }
  const width = family === 4 ? 32 : 128;
  const prefix = slash < 0 ? String(width) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > width) {
    const wrong = `${quoted(prefix)} is not a prefix length of an IPv${family} network`;
    const message = prefix === '' ? 'the prefix length is missing' : wrong;
    return { fault: { message, offset: slash + 1, expected: `a number from 0 to ${width}` } };
  }
  const bits = Number(prefix) + (family === 4 ? MAPPED_BITS : 0);
  return { value: { base: maskedBytes(address, bits), bits } };
}

/** @param cidr one that was read @returns `10.0.0.0/8` for `10.0.0.1/8`; undefined where no host bits are set */
export function withoutHostBits(cidr: string): string | undefined {
  const [address = '', prefix] = cidr.split('/');
  const given = ipaddr.parse(address);
  const family = given instanceof ipaddr.IPv4 ? ipaddr.IPv4 : ipaddr.IPv6;
  const network = family.networkAddressFromCIDR(cidr).toString();
  return network === given.toString() ? undefined : `${network}/${prefix}`;
}

/** The first numbers of an IPv4 address, as in `10.0.`, mean a network; a zone is no part of an address. */
function meantBy(address: string): Pick<NetworkFault, 'suggestion'> {
  const [bare = ''] = address.split('%', 1);
  if (bare !== address && isIP(bare) !== 0) return { suggestion: `leave out the zone: ${bare}` };
  const numbers = address.replace(/\.\*?$/, '').split('.');
  if (numbers.length > 3) return {};
  const meant = [...numbers, '0', '0', '0'].slice(0, 4).join('.');
  return isIP(meant) === 4 ? { suggestion: `write ${meant}/${numbers.length * 8}` } : {};
}

function maskedBytes(address: string, bits: number): Uint8Array {
  const parsed = ipaddr.parse(address);
  const whole = parsed instanceof ipaddr.IPv4 ? parsed.toIPv4MappedAddress() : parsed;
  return Uint8Array.from(whole.toByteArray(), (byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff << (8 - kept));
  });
}
