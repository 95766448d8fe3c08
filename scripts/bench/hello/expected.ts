/** The beginning of each, and where it says how long it is. */
const RECORD = { first: 0x16, headerBytes: 5 } as const;
const PROXY_V1 = { first: 0x50, end: '\r\n' } as const;
const PROXY_V2 = { first: 0x0d, headerBytes: 16 } as const;

/** Bytes of a ClientHello of one record, and of a PROXY header before it. @returns undefined while too few have come to tell */
export function bytesExpected(bytes: Buffer): number | undefined {
  const header = headerLength(bytes);
  if (header === undefined || bytes.length < header + RECORD.headerBytes) return undefined;
  if (bytes[header] !== RECORD.first) throw new Error('a client sends no ClientHello');
  return header + RECORD.headerBytes + bytes.readUInt16BE(header + 3);
}

function headerLength(bytes: Buffer): number | undefined {
  if (bytes[0] === PROXY_V1.first) {
    const end = bytes.indexOf(PROXY_V1.end);
    return end < 0 ? undefined : end + PROXY_V1.end.length;
  }
  if (bytes[0] !== PROXY_V2.first) return 0;
  return bytes.length < PROXY_V2.headerBytes ? undefined : PROXY_V2.headerBytes + bytes.readUInt16BE(14);
}
