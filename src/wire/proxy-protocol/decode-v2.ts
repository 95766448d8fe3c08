import { encodeClientAddress, unmappedAddress } from '../client-address.ts';
import { crc32c } from './crc32c.ts';
import { brokenHeader, type Decoded, type Transport } from './header.ts';
import { ADDRESS_BYTES, COMMAND, FAMILY, MOST_V2_BYTES, TRANSPORT, V2_BYTES } from './format.ts';
import { NO_TLVS, readTlvs } from './tlvs.ts';

/** A header of version 2. @param bytes that begin with its signature; 16 at least */
export function decodeV2(bytes: Uint8Array, wanted: Transport): Decoded {
  const command = (bytes[12] as number) & 0x0f;
  const family = (bytes[13] as number) >>> 4;
  const transport = (bytes[13] as number) & 0x0f;
  const length = V2_BYTES + readUint16(bytes, 14);
  if ((bytes[12] as number) >>> 4 !== 2) return brokenHeader('it is of no version that there is');
  if (command > COMMAND.PROXY) return brokenHeader('it has no command that there is');
  if (length > MOST_V2_BYTES) return brokenHeader(`it is longer than ${MOST_V2_BYTES} bytes`);
  const isProxied = command === COMMAND.PROXY;
  const addressEnd = V2_BYTES + (ADDRESS_BYTES[family] ?? 0);
  if (isProxied) {
    if (family > FAMILY.UNIX || transport > TRANSPORT.DGRAM) return brokenHeader('it is of no family that there is');
    if (addressEnd > length) return brokenHeader('it is too short for its addresses');
  }
  if (bytes.length < length) return { need: length };
  const header = bytes.subarray(0, length);
  const read = readTlvs(header, Math.min(addressEnd, length), length);
  const isAddressed = isProxied && family !== FAMILY.UNSPEC;
  // Behind anything but addresses it may be bytes of any kind.
  if (typeof read === 'string') {
    if (isAddressed) return brokenHeader(read);
    return { version: 2, length, source: '', destination: '', tlvs: NO_TLVS };
  }
  const { tlvs, crc32cAt } = read;
  if (crc32cAt !== undefined && crc32c(header, crc32cAt) !== readUint32(header, crc32cAt))
    return brokenHeader('its checksum is wrong');
  const isIp = family === FAMILY.INET || family === FAMILY.INET6;
  if (!isProxied || !isIp || transport !== (wanted === 'stream' ? TRANSPORT.STREAM : TRANSPORT.DGRAM))
    return { version: 2, length, source: '', destination: '', tlvs };
  const bytesOfIp = family === FAMILY.INET ? 4 : 16;
  const portsAt = V2_BYTES + 2 * bytesOfIp;
  const end = (at: number, portAt: number) =>
    unmappedAddress(encodeClientAddress(header, { at, length: bytesOfIp }, readUint16(header, portAt)));
  return {
    version: 2,
    length,
    source: end(V2_BYTES, portsAt),
    destination: end(V2_BYTES + bytesOfIp, portsAt + 2),
    tlvs,
  };
}

function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at) * 0x1_0000 + readUint16(bytes, at + 2);
}
