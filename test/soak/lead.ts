import type { Socket } from 'node:net';
import { clientAddressOf } from '../../src/wire/client-address.ts';
import { decodeProxyHeader } from '../../src/wire/proxy-protocol/decode.ts';
import { encodeV1, encodeV2 } from '../../src/wire/proxy-protocol/encode.ts';
import { helloBytes } from '../helpers/texts/hellos.ts';

/** What a client sends before its line; a backend passes over it. */
export interface Lead {
  /** A PROXY header that names the client itself: it is the same client to all, be the header read or not. */
  readonly proxyHeader: 'v1' | 'v2' | undefined;
  /** A ClientHello, as test/helpers/hellos has it. */
  readonly hello: string | undefined;
}

/** @param socket connected */
export function proxyHeaderOf({ proxyHeader }: Lead, socket: Socket): Buffer {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  if (proxyHeader === undefined || localAddress === '') return Buffer.alloc(0);
  const ends = {
    source: clientAddressOf(localAddress, localPort),
    destination: clientAddressOf(remoteAddress, remotePort),
  };
  return Buffer.from(proxyHeader === 'v1' ? encodeV1(ends) : encodeV2(ends, {}));
}

export function helloOfLead({ hello }: Lead): Buffer {
  return hello === undefined ? Buffer.alloc(0) : helloBytes(hello);
}

/** The kinds of record that a hello and early data are made of. */
const TLS_RECORDS = [0x14, 0x16, 0x17];
const RECORD_HEADER = 5;

/** Bytes of all headers and records before the line. @returns undefined while they have not all come */
export function leadLength(bytes: Buffer): number | undefined {
  for (let at = 0; ;) {
    const rest = bytes.subarray(at);
    const [first] = rest;
    if (first === undefined) return undefined;
    const decoded = decodeProxyHeader(rest);
    if ('need' in decoded) return undefined;
    if ('length' in decoded) at += decoded.length;
    else if (!TLS_RECORDS.includes(first)) return at;
    else if (rest.length < RECORD_HEADER) return undefined;
    else at += RECORD_HEADER + rest.readUInt16BE(3);
  }
}
