import type { ClientAddress } from '../../core/engine.ts';
import { encodeClientAddress, unmappedAddress } from '../client-address.ts';
import { parseIp } from '../ip.ts';
import { brokenHeader, type Decoded } from './header.ts';
import { MOST_V1_BYTES } from './format.ts';
import { NO_TLVS } from './tlvs.ts';

const LF = 0x0a;
const CR = 0x0d;

const ip = new Uint8Array(16);

/** A line of version 1, `PROXY TCP4 192.0.2.1 192.0.2.2 5000 443`. @param bytes that begin with `PROXY ` */
export function decodeV1(bytes: Uint8Array): Decoded {
  const end = bytes.subarray(0, MOST_V1_BYTES).indexOf(LF);
  if (end < 0) {
    if (bytes.length >= MOST_V1_BYTES) return brokenHeader(`its line does not end within ${MOST_V1_BYTES} bytes`);
    return { need: bytes.length + 1 };
  }
  if (bytes[end - 1] !== CR) return brokenHeader('its line ends without CR');
  const words = Buffer.from(bytes.buffer, bytes.byteOffset, end - 1)
    .toString('latin1')
    .split(' ');
  const [, protocol = '', sourceIp = '', destinationIp = '', sourcePort = '', destinationPort = ''] = words;
  const whole = { version: 1, length: end + 1, source: '', destination: '', tlvs: NO_TLVS } as const;
  if (protocol === 'UNKNOWN') return whole;
  if (protocol !== 'TCP4' && protocol !== 'TCP6') return brokenHeader('it is of no protocol that there is');
  if (words.length !== 6) return brokenHeader('it has not just two addresses and two ports');
  const length = protocol === 'TCP4' ? 4 : 16;
  const source = endOf(sourceIp, sourcePort, length);
  const destination = endOf(destinationIp, destinationPort, length);
  if (source === undefined || destination === undefined) return brokenHeader(`its addresses are none of ${protocol}`);
  return { ...whole, source, destination };
}

function endOf(text: string, port: string, length: 4 | 16): ClientAddress | undefined {
  if (text.includes('%') || parseIp(text, ip) !== length || !/^\d{1,5}$/.test(port)) return undefined;
  const number = Number(port);
  return number > 65_535 ? undefined : unmappedAddress(encodeClientAddress(ip, { at: 0, length }, number));
}
