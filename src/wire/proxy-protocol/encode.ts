import type { ClientAddress } from '../../core/engine.ts';
import { ipOf, portOf, unmappedAddress } from '../client-address.ts';
import { mappedByte } from '../ip.ts';
import { crc32c } from './crc32c.ts';
import { COMMAND, FAMILY, MOST_V2_BYTES, SIGNATURE, SSL_CLIENT, SSL_TLV, TLV, TRANSPORT, V2_BYTES } from './format.ts';
import type { Transport } from './header.ts';
import type { ProxySsl, ProxyTlvs } from './tlvs.ts';

/** Two ends, neither of them ''. */
export interface Ends {
  readonly source: ClientAddress;
  readonly destination: ClientAddress;
}

/** What stands behind the addresses of version 2. */
export interface SentTlvs extends ProxyTlvs {
  readonly hasCrc32c?: boolean;
}

/** Headers are written one at a time, here. */
const memory = Buffer.alloc(MOST_V2_BYTES);

/**
 * A header of version 1. An IPv4 address beside an IPv6 one is told in IPv6 form. A port 0, which some receivers refuse, is
 * told as 1. @returns memory that is used again
 */
export function encodeV1({ source, destination }: Ends): Uint8Array {
  const [from, to] = [unmappedAddress(source), unmappedAddress(destination)];
  const isIpv4 = from.length === IPV4_LENGTH && to.length === IPV4_LENGTH;
  const text = (end: ClientAddress) => (isIpv4 || end.length !== IPV4_LENGTH ? ipOf(end) : `::ffff:${ipOf(end)}`);
  const ports = `${portOf(from) || 1} ${portOf(to) || 1}`;
  const length = memory.write(`PROXY ${isIpv4 ? 'TCP4' : 'TCP6'} ${text(from)} ${text(to)} ${ports}\r\n`, 0, 'latin1');
  return memory.subarray(0, length);
}

/** A header of version 2, its TLVs in HAProxy's order. @returns memory that is used again @throws RangeError too long */
export function encodeV2({ source, destination }: Ends, tlvs: SentTlvs, transport: Transport = 'stream'): Uint8Array {
  const [from, to] = [unmappedAddress(source), unmappedAddress(destination)];
  const isIpv4 = from.length === IPV4_LENGTH && to.length === IPV4_LENGTH;
  const kind = transport === 'stream' ? TRANSPORT.STREAM : TRANSPORT.DGRAM;
  let at = writeIp(writeIp(V2_BYTES, from, isIpv4), to, isIpv4);
  at = memory.writeUInt16BE(portOf(from) || 1, at);
  at = memory.writeUInt16BE(portOf(to) || 1, at);
  return finish(COMMAND.PROXY, ((isIpv4 ? FAMILY.INET : FAMILY.INET6) << 4) | kind, at, tlvs);
}

/** A header of version 2 that says: this connection is the sender's own. @returns memory that is used again */
export function encodeLocal(tlvs: Pick<SentTlvs, 'hasCrc32c'> = {}): Uint8Array {
  return finish(COMMAND.LOCAL, 0, V2_BYTES, tlvs);
}

/** Characters of an IPv4 address with its port. */
const IPV4_LENGTH = 6;

function finish(command: number, family: number, from: number, tlvs: SentTlvs): Uint8Array {
  memory.set(SIGNATURE);
  memory[12] = 0x20 | command;
  memory[13] = family;
  let at = from;
  if (tlvs.hasCrc32c === true) at = writeTlv(at, TLV.CRC32C, '\0\0\0\0');
  if (tlvs.alpn !== undefined) at = writeTlv(at, TLV.ALPN, tlvs.alpn);
  if (tlvs.authority !== undefined) at = writeTlv(at, TLV.AUTHORITY, Buffer.from(tlvs.authority).toString('latin1'));
  if (tlvs.uniqueId !== undefined) at = writeTlv(at, TLV.UNIQUE_ID, tlvs.uniqueId);
  if (tlvs.ssl !== undefined) at = writeTlv(at, TLV.SSL, sslText(tlvs.ssl));
  memory.writeUInt16BE(at - V2_BYTES, 14);
  const header = memory.subarray(0, at);
  if (tlvs.hasCrc32c === true) header.writeUInt32BE(crc32c(header, from + 3), from + 3);
  return header;
}

/** As HAProxy: `verify` is 1 but for a certificate that was found good, so that nobody takes none for one. */
function sslText({ isTls, isVerified, version, cipher, commonName }: ProxySsl): string {
  const client = (isTls ? SSL_CLIENT.TLS : 0) | (isVerified ? SSL_CLIENT.CERTIFICATE : 0);
  let text = String.fromCharCode(client, 0, 0, 0, isVerified ? 0 : 1);
  for (const [type, value] of [
    [SSL_TLV.VERSION, version],
    [SSL_TLV.COMMON_NAME, commonName],
    [SSL_TLV.CIPHER, cipher],
  ] as const) {
    if (value !== undefined) text += String.fromCharCode(type, value.length >>> 8, value.length & 0xff) + value;
  }
  return text;
}

/** @param value a character for each byte @returns where it ends */
function writeTlv(at: number, type: number, value: string): number {
  if (at + 3 + value.length > memory.length) throw new RangeError('a PROXY header of too many bytes');
  memory[at] = type;
  memory.writeUInt16BE(value.length, at + 1);
  return at + 3 + memory.write(value, at + 3, 'latin1');
}

function writeIp(at: number, address: ClientAddress, isIpv4: boolean): number {
  const length = address.length - 2;
  let index = at;
  if (!isIpv4 && length === 4) for (let i = 0; i < 12; i++) memory[index++] = mappedByte(i);
  for (let i = 0; i < length; i++) memory[index++] = address.charCodeAt(i);
  return index;
}
