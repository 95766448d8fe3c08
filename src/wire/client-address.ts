import { addressText } from '../core/address.ts';
import type { ElectionContext } from '../core/context.ts';
import type { ClientAddress } from '../core/engine.ts';
import { parseIp } from './ip.ts';
import { ipText } from './ip-text.ts';

const PORT_BYTES = 2;

const scratch = new Uint8Array(16);

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
export function readClientIp(address: ClientAddress, into: ElectionContext): void {
  const length = ipLengthOf(address);
  for (let index = 0; index < length; index++) into.ip[index] = address.charCodeAt(index);
  into.ipLength = length;
}

/** `192.0.2.1:5000`, `[2001:db8::1]:5000` or `unix:`; IPv4 clients of a dual-stack listener as IPv4. */
export function clientAddressText(address: ClientAddress): string {
  const length = ipLengthOf(address);
  const byte = (index: number): number => address.charCodeAt(index);
  if (length === 0) return 'unix:';
  const port = (byte(length) << 8) | byte(length + 1);
  if (length === 4) return `${byte(0)}.${byte(1)}.${byte(2)}.${byte(3)}:${port}`;
  return addressText({ ip: ipText(Array.from({ length }, (_, index) => byte(index))), port });
}

function ipLengthOf(address: ClientAddress): 0 | 4 | 16 {
  return (address === '' ? 0 : address.length - PORT_BYTES) as 0 | 4 | 16;
}
