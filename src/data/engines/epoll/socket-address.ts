import { endianness, networkInterfaces } from 'node:os';
import type { SocketAddress } from '../../../core/address.ts';
import { parseIp } from '../../../wire/ip.ts';

/** struct sockaddr of ip(7), ipv6(7) and unix(7), in the machine's byte order where it is not the network's. */
const UNIX = 1;
const IPV4 = 2;
const IPV6 = 10;

const IPV4_BYTES = 16;
const IPV6_BYTES = 28;

/** Of sin_family; no family that we know needs the other. */
const LOW_BYTE = endianness() === 'LE' ? 0 : 1;

/** Of sin6_scope_id, the interface that a link-local address is of. */
const ZONE_OFFSET = 24;

/** What a sockaddr of any family fits into. */
export const LARGEST_BYTES = 128;

export type Family = 'unix' | 'ipv4' | 'ipv6';

/** The wildcard `*` as IPv6's, which takes IPv4 too. */
export function familyOf(address: SocketAddress): Family {
  if ('path' in address) return 'unix';
  return address.ip === '*' || address.ip.includes(':') ? 'ipv6' : 'ipv4';
}

export function encodeAddress(address: SocketAddress): Buffer {
  if ('path' in address) return encodePath(address.path);
  const isIpv4 = familyOf(address) === 'ipv4';
  const bytes = Buffer.alloc(isIpv4 ? IPV4_BYTES : IPV6_BYTES);
  writeFamily(bytes, isIpv4 ? IPV4 : IPV6);
  bytes.writeUInt16BE(address.port, 2);
  if (address.ip !== '*') parseIp(address.ip, bytes.subarray(isIpv4 ? 4 : 8));
  const zone = address.ip.indexOf('%');
  if (zone >= 0) writeNumber(bytes, zoneNumber(address.ip.slice(zone + 1)), ZONE_OFFSET);
  return bytes;
}

/** @returns 0, which the kernel refuses, where there is no such interface */
function zoneNumber(zone: string): number {
  if (/^\d+$/.test(zone)) return Number(zone);
  const addresses = networkInterfaces()[zone] ?? [];
  return addresses.find((one) => one.family === 'IPv6' && one.scopeid !== 0)?.scopeid ?? 0;
}

/** Where a sockaddr from the kernel has its address. */
export function ipOffset(bytes: Uint8Array): number {
  return readFamily(bytes) === IPV4 ? 4 : 8;
}

export function ipLength(bytes: Uint8Array): 0 | 4 | 16 {
  const family = readFamily(bytes);
  if (family === IPV4) return 4;
  return family === IPV6 ? 16 : 0;
}

export function portOf(bytes: Uint8Array): number {
  return ((bytes[2] as number) << 8) | (bytes[3] as number);
}

function encodePath(path: string): Buffer {
  const text = Buffer.from(path);
  const bytes = Buffer.alloc(2 + text.length + 1);
  writeFamily(bytes, UNIX);
  text.copy(bytes, 2);
  return bytes;
}

function writeFamily(bytes: Buffer, family: number): void {
  bytes[LOW_BYTE] = family;
}

function writeNumber(bytes: Buffer, number: number, offset: number): void {
  if (endianness() === 'LE') bytes.writeUInt32LE(number, offset);
  else bytes.writeUInt32BE(number, offset);
}

function readFamily(bytes: Uint8Array): number {
  return bytes[LOW_BYTE] as number;
}
