/** Says 203.0.113.7 or 2001:db8::7, port 51234. */
const SIGNATURE = '0d0a0d0a000d0a515549540a';
const INET = 'cb007107c0000209c82201bb';
const INET6 = '20010db800000000000000000000000720010db8000000000000000000000009c82201bb';
const ALL_TLVS =
  '01000268320200107777772e6578616d706c652e74657374050010303132333435363738396162636465662000280100000000210007544c' +
  '5376312e33230016544c535f4145535f3235365f47434d5f5348413338340400080000000000000000300004626c7565030004b7f61ddb';

/** What the header claims, or the connection's own address where it claims nothing. */
export type Claim = 'inet' | 'inet6' | 'none';

export interface FixedHeader {
  /** A column of the table. */
  readonly title: string;
  readonly claim: Claim;
  /** Each in a write of its own, 50 ms apart. */
  readonly pieces: readonly Uint8Array[];
}

function v1(title: string, claim: Claim, line: string, splitAt?: number): FixedHeader {
  return { title, claim, pieces: split(Buffer.from(`${line}\r\n`), splitAt) };
}

function v2(title: string, claim: Claim, hex: string, splitAt?: number): FixedHeader {
  return { title, claim, pieces: split(Buffer.from(SIGNATURE + hex, 'hex'), splitAt) };
}

function split(bytes: Uint8Array, at = bytes.length): readonly Uint8Array[] {
  return [bytes.subarray(0, at), bytes.subarray(at)].filter(({ length }) => length > 0);
}

/** A TLV of no meaning that makes a header of version 2 for IPv4 so long. */
function filled(length: number): string {
  const value = length - 28 - 3;
  return `2111${hex16(length - 16)}${INET}04${hex16(value)}${'00'.repeat(value)}`;
}

function hex16(number: number): string {
  return number.toString(16).padStart(4, '0');
}

const TCP4 = 'PROXY TCP4 203.0.113.7 192.0.2.9 51234 443';

/** Vectors of the PROXY protocol as any sender could send them. */
export const FIXED_HEADERS: readonly FixedHeader[] = [
  v1('v1 TCP4', 'inet', TCP4),
  v1('v1 TCP6', 'inet6', 'PROXY TCP6 2001:db8::7 2001:db8::9 51234 443'),
  v1('v1 UNKNOWN', 'none', 'PROXY UNKNOWN'),
  v1('v1 TCP6 of IPv4', 'inet', 'PROXY TCP6 ::ffff:203.0.113.7 ::ffff:192.0.2.9 51234 443'),
  v1('v1 in two segments', 'inet', TCP4, 20),
  v2('v2 TCP4', 'inet', `2111000c${INET}`),
  v2('v2 TCP6', 'inet6', `21210024${INET6}`),
  v2('v2 LOCAL', 'none', '20000000'),
  v2('LOCAL, address block', 'none', `2011000c${INET}`),
  v2('v2 UDP4', 'none', `2112000c${INET}`),
  v2('v2, 139 bytes, all TLVs', 'inet', `2111007b${INET}${ALL_TLVS}`),
  v2('wrong CRC32C', 'inet', `21110013${INET}030004f34ff66e`),
  v2('300 bytes', 'inet', filled(300)),
  v2('v2 in two segments', 'inet', `2111000c${INET}`, 14),
];

/** Of version 2, with all TLVs that there are. */
export const ALL_TLVS_HEADER = Buffer.from(`${SIGNATURE}2111007b${INET}${ALL_TLVS}`, 'hex');
