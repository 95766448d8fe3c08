import {
  MOST_ALPN_BYTES,
  MOST_AUTHORITY_BYTES,
  MOST_UNIQUE_ID_BYTES,
  SSL_CLIENT,
  SSL_TLV,
  TLV,
  TLV_BYTES,
} from './format.ts';

/** What a header tells besides addresses; each undefined where it does not. */
export interface ProxyTlvs {
  /** The protocol that was agreed on: `h2`. */
  readonly alpn?: string;
  /** The name that the client has asked for, be it by TLS. */
  readonly authority?: string;
  /** Any bytes, a character for each; up to 128. */
  readonly uniqueId?: string;
  readonly ssl?: ProxySsl;
}

/** How the client came to the sender, by the sender's word. */
export interface ProxySsl {
  /** Over TLS. Where this is false, nothing else counts. */
  readonly isTls: boolean;
  /** The client gave a certificate, and the sender found it good. Senders say so also of clients that gave none. */
  readonly isVerified: boolean;
  /** `TLSv1.3` */
  readonly version?: string;
  readonly cipher?: string;
  readonly commonName?: string;
}

export interface ReadTlvs {
  readonly tlvs: ProxyTlvs;
  /** Where the checksum stands; undefined where there is none. */
  readonly crc32cAt: number | undefined;
}

export const NO_TLVS: ProxyTlvs = Object.freeze({});

/** @returns what is wrong, where something is */
export function readTlvs(bytes: Uint8Array, from: number, to: number): ReadTlvs | string {
  const tlvs: { -readonly [Key in keyof ProxyTlvs]: ProxyTlvs[Key] } = {};
  let crc32cAt: number | undefined;
  const problem = eachTlv(bytes, from, to, (type, value, at) => {
    if (type === TLV.ALPN) {
      if (value.length > MOST_ALPN_BYTES) return `its ALPN is longer than ${MOST_ALPN_BYTES} bytes`;
      tlvs.alpn = latin1(value);
    } else if (type === TLV.AUTHORITY) {
      if (value.length > MOST_AUTHORITY_BYTES) return `its authority is longer than ${MOST_AUTHORITY_BYTES} bytes`;
      tlvs.authority = Buffer.from(value).toString('utf8');
    } else if (type === TLV.UNIQUE_ID) {
      if (value.length > MOST_UNIQUE_ID_BYTES) return `its unique id is longer than ${MOST_UNIQUE_ID_BYTES} bytes`;
      tlvs.uniqueId = latin1(value);
    } else if (type === TLV.CRC32C) {
      if (value.length !== 4 || crc32cAt !== undefined) return 'it has no single checksum of 4 bytes';
      crc32cAt = at;
    } else if (type === TLV.SSL) {
      const ssl = readSsl(value);
      if (typeof ssl === 'string') return ssl;
      tlvs.ssl = ssl;
    }
    return '';
  });
  return problem === '' ? { tlvs, crc32cAt } : problem;
}

/** `client` before `verify`: of a client without TLS, or without a certificate, some senders say 0 and some 1 there. */
function readSsl(value: Uint8Array): ProxySsl | string {
  if (value.length < 5) return 'its TLV of TLS is cut off';
  const client = value[0] as number;
  const isTls = (client & SSL_CLIENT.TLS) !== 0;
  const verify = value.subarray(1, 5).every((byte) => byte === 0);
  const texts = new Map<number, string>();
  const problem = eachTlv(value, 5, value.length, (type, text) => {
    texts.set(type, latin1(text));
    return '';
  });
  if (problem !== '') return problem;
  const version = texts.get(SSL_TLV.VERSION);
  const cipher = texts.get(SSL_TLV.CIPHER);
  const commonName = texts.get(SSL_TLV.COMMON_NAME);
  return {
    isTls,
    isVerified: isTls && (client & SSL_CLIENT.CERTIFICATE) !== 0 && verify,
    ...(version === undefined ? {} : { version }),
    ...(cipher === undefined ? {} : { cipher }),
    ...(commonName === undefined ? {} : { commonName }),
  };
}

/** @param visit says what is wrong, or '' @returns the same */
function eachTlv(
  bytes: Uint8Array,
  from: number,
  to: number,
  visit: (type: number, value: Uint8Array, at: number) => string,
): string {
  for (let at = from; at < to;) {
    const value = at + TLV_BYTES;
    if (value > to) return 'a TLV is cut off';
    const end = value + (((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number));
    if (end > to) return 'a TLV is longer than the header';
    const problem = visit(bytes[at] as number, bytes.subarray(value, end), value);
    if (problem !== '') return problem;
    at = end;
  }
  return '';
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
