/** Numbers of the PROXY protocol, as haproxy.org/download/3.2/doc/proxy-protocol.txt has them. */

/** Before everything in version 2. */
export const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);

/** Before everything in version 1. */
export const V1_PREFIX = Uint8Array.from('PROXY ', (letter) => letter.charCodeAt(0));

/** Of a line of version 1, with its end. */
export const MOST_V1_BYTES = 107;
/** `PROXY UNKNOWN` and the end of the line. */
export const FEWEST_V1_BYTES = 15;
/** Of a header of version 2 but for addresses and TLVs. */
export const V2_BYTES = 16;
/** Of a whole header of version 2; HAProxy takes as many. */
export const MOST_V2_BYTES = 16 * 1024;

/** The second half of the byte behind the signature; the first is the version. */
export const COMMAND = { LOCAL: 0, PROXY: 1 } as const;

/** The first half of the byte behind that. */
export const FAMILY = { UNSPEC: 0, INET: 1, INET6: 2, UNIX: 3 } as const;

/** The second half. */
export const TRANSPORT = { UNSPEC: 0, STREAM: 1, DGRAM: 2 } as const;

/** Bytes of both addresses with their ports, by family. */
export const ADDRESS_BYTES: readonly number[] = [0, 12, 36, 216];

export const TLV = { ALPN: 1, AUTHORITY: 2, CRC32C: 3, UNIQUE_ID: 5, SSL: 0x20 } as const;

/** Within the one of TLS. */
export const SSL_TLV = { VERSION: 0x21, COMMON_NAME: 0x22, CIPHER: 0x23 } as const;

/** Bits of the first byte of the one of TLS: the client came over TLS, and gave a certificate on this connection or before. */
export const SSL_CLIENT = { TLS: 1, CERTIFICATE: 6 } as const;

/** Type and length of a TLV. */
export const TLV_BYTES = 3;

/** As TLS has it: its length is one byte. */
export const MOST_ALPN_BYTES = 255;
export const MOST_AUTHORITY_BYTES = 255;
export const MOST_UNIQUE_ID_BYTES = 128;
