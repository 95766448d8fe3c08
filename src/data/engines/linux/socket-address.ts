import { endianness, networkInterfaces } from 'node:os';
import type { SocketAddress } from '../../../core/address.ts';
import type { ClientAddress } from '../../../core/engine.ts';
import { encodeClientAddress } from '../../../wire/client-address.ts';
import { parseIp } from '../../../wire/ip.ts';
import type { Libc } from './libc.ts';

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

/** By address: those of backends are dialled again and again. */
const encoded = new WeakMap<SocketAddress, Buffer>();

/** As encodeAddress, for an address that is not changed. One with a zone is looked up anew, for interfaces come and go. */
export function encodedAddress(address: SocketAddress): Buffer {
  const known = encoded.get(address);
  if (known !== undefined) return known;
  const bytes = encodeAddress(address);
  if (!('ip' in address && address.ip.includes('%'))) encoded.set(address, bytes);
  return bytes;
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

const IPV4_AT = { at: 4, length: 4 } as const;
const IPV6_AT = { at: 8, length: 16 } as const;

/** The client's address in a sockaddr from the kernel. */
export function clientAddressIn(bytes: Uint8Array): ClientAddress {
  const family = readFamily(bytes);
  if (family === IPV4) return encodeClientAddress(bytes, IPV4_AT, portOf(bytes));
  return family === IPV6 ? encodeClientAddress(bytes, IPV6_AT, portOf(bytes)) : '';
}

const localName = new Uint8Array(LARGEST_BYTES);

/** A socket's own address. */
export function localAddressOf(libc: Pick<Libc, 'localAddress'>, fd: number): ClientAddress {
  libc.localAddress(fd, localName);
  return clientAddressIn(localName);
}

export function portOf(bytes: Uint8Array): number {
  return ((bytes[2] as number) << 8) | (bytes[3] as number);
}

/**
 * Whether the local name of a socket is the IP address and port that it dials. The kernel takes a wildcard for the address
 * of this host, so of that the port alone tells.
 */
export function isSameEndpoint(local: Uint8Array, dialled: Uint8Array): boolean {
  if (local[2] !== dialled[2] || local[3] !== dialled[3]) return false;
  const { at, length } = readFamily(dialled) === IPV4 ? IPV4_AT : IPV6_AT;
  let isSame = true;
  let isWildcard = true;
  for (let index = at; index < at + length; index++) {
    if (local[index] !== dialled[index]) isSame = false;
    if (dialled[index] !== 0) isWildcard = false;
  }
  return isSame || isWildcard;
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
