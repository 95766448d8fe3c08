import { addressText, type IpAddress } from '../core/address.ts';
import type { ClientFilter } from '../core/connection-list.ts';
import type { ElectionContext } from '../core/context.ts';
import type { ClientAddress } from '../core/engine.ts';
import { mappedByte, parseIp } from './ip.ts';
import { ipText } from './ip-text.ts';
import { hasPrefix, leastBitsFor } from './network.ts';

const PORT_BYTES = 2;

/** Before the IPv4 address in its IPv6 form. */
const MAPPED_BYTES = 12;

const scratch = new Uint8Array(16);

type Ip = Pick<ElectionContext, 'ip' | 'ipLength'>;

/** Of the client that is compared with a filter. */
const compared: Ip = { ip: new Uint8Array(16), ipLength: 0 };

/** Where an IP address stands in bytes. */
export interface IpAt {
  readonly at: number;
  readonly length: 4 | 16;
}

/** By length, for `encodeClientAddress`: a call with many arguments takes them from an array. */
const codes = { 4: new Array<number>(6).fill(0), 16: new Array<number>(18).fill(0) };

export function encodeClientAddress(bytes: Uint8Array, { at, length }: IpAt, port: number): ClientAddress {
  const all = codes[length];
  for (let index = 0; index < length; index++) all[index] = bytes[at + index] as number;
  all[length] = port >>> 8;
  all[length + 1] = port & 0xff;
  return String.fromCharCode.apply(null, all);
}

/** @param ip as a socket shows it, whose zone is left out; '' of a unix socket */
export function clientAddressOf(ip: string, port: number): ClientAddress {
  const length = parseIp(ip, scratch);
  return length === 0 ? '' : encodeClientAddress(scratch, { at: 0, length }, port);
}

/** Writes the IP address into the context. */
export function readClientIp(address: ClientAddress, into: Ip): void {
  const length = ipLengthOf(address);
  for (let index = 0; index < length; index++) into.ip[index] = address.charCodeAt(index);
  into.ipLength = length;
}

/** Not of a unix socket. */
export function clientIpAddress(address: ClientAddress): IpAddress {
  const bytes = Array.from({ length: ipLengthOf(address) }, (_, index) => address.charCodeAt(index));
  return { ip: bytes.length === 4 ? bytes.join('.') : ipText(bytes), port: portOf(address) };
}

/** Whether a filter means this client. */
export function isOf(address: ClientAddress, { network, port }: ClientFilter): boolean {
  if (network === undefined || address === '') return network === undefined && address === '';
  readClientIp(address, compared);
  if (port !== undefined && port !== portOf(address)) return false;
  return network.bits >= leastBitsFor(compared) && hasPrefix(network, compared);
}

/** `192.0.2.1:5000`, `[2001:db8::1]:5000` or `unix:`; IPv4 clients of a dual-stack listener as IPv4. */
export function clientAddressText(address: ClientAddress): string {
  const length = ipLengthOf(address);
  const byte = (index: number): number => address.charCodeAt(index);
  if (length === 0) return 'unix:';
  const port = portOf(address);
  if (length === 4) return `${byte(0)}.${byte(1)}.${byte(2)}.${byte(3)}:${port}`;
  return addressText({ ip: ipOf(address), port });
}

/** The text of the IP address; IPv4 in its IPv6 form as IPv4. Not of a unix socket. */
export function ipOf(address: ClientAddress): string {
  const byte = (index: number): number => address.charCodeAt(index);
  if (ipLengthOf(address) === 4) return `${byte(0)}.${byte(1)}.${byte(2)}.${byte(3)}`;
  return ipText(Array.from({ length: ipLengthOf(address) }, (_, index) => byte(index)));
}

/** The same address, IPv4 in its IPv6 form as IPv4. */
export function unmappedAddress(address: ClientAddress): ClientAddress {
  if (ipLengthOf(address) !== 16) return address;
  for (let index = 0; index < MAPPED_BYTES; index++) {
    if (address.charCodeAt(index) !== mappedByte(index)) return address;
  }
  return address.slice(MAPPED_BYTES);
}

/** Not of a unix socket. */
export function portOf(address: ClientAddress): number {
  const at = ipLengthOf(address);
  return (address.charCodeAt(at) << 8) | address.charCodeAt(at + 1);
}

function ipLengthOf(address: ClientAddress): 0 | 4 | 16 {
  return (address === '' ? 0 : address.length - PORT_BYTES) as 0 | 4 | 16;
}
