import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROXY_VECTORS, proxyVector, type ProxyVector } from '../../../test/helpers/texts/proxy-vectors.ts';
import { clientAddressText } from '../client-address.ts';
import { crc32c } from './crc32c.ts';
import { decodeProxyHeader } from './decode.ts';
import type { Decoded, Transport } from './header.ts';

const V4 = '203.0.113.7:51234 192.0.2.9:443';
const V6 = '[2001:db8::7]:51234 [2001:db8::9]:443';
const MOST = '[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535';

/** The two ends that each vector names, '' where it names none, or what is wrong with it. */
const EXPECTED: Readonly<Record<ProxyVector, string | { readonly problem: string }>> = {
  'v1 TCP4': V4,
  'v1 TCP6': V6,
  'v1 longest TCP6': `${MOST} ${MOST}`,
  'v1 UNKNOWN': '',
  'v1 UNKNOWN longest': '',
  'v1 TCP6 mapped': V4,
  'v2 TCP4': V4,
  'v2 TCP6': V6,
  'v2 TCP6 mapped': V4,
  'v2 LOCAL': '',
  'v2 LOCAL + CRC32C': '',
  'v2 LOCAL with address block': '',
  'v2 PROXY UNSPEC': '',
  'v2 PROXY UDP4': '',
  'v2 command 2 (invalid)': { problem: 'it has no command that there is' },
  'v2 + CRC32C right': V4,
  'v2 + CRC32C wrong': { problem: 'its checksum is wrong' },
  'v2 + ALPN h2 + authority': V4,
  'v2 + SSL (TLSv1.3, cipher; client 01, verify 0)': V4,
  'v2 + unique id': V4,
  'v2 + NOOP 8': V4,
  'v2 + NETNS blue': V4,
  'v2 + all of them + CRC32C': V4,
  'v2 TLV cut off (invalid)': { problem: 'a TLV is cut off' },
};

const NAMES = Object.keys(PROXY_VECTORS) as readonly ProxyVector[];

for (const name of NAMES) {
  test(`${name}: split at every byte, glued to what follows, and alone`, () => {
    const bytes = proxyVector(name);
    const expected = EXPECTED[name];
    for (let length = 0; length < bytes.length; length++) {
      const decoded = decodeProxyHeader(bytes.subarray(0, length));
      if (typeof expected !== 'string' && 'problem' in decoded) continue;
      assert('need' in decoded && decoded.need > length && decoded.need <= bytes.length, `${length} bytes`);
    }
    for (const rest of ['', 'GET / HTTP/1.0\r\n\r\n', '\n', 'PROXY UNKNOWN\r\n']) {
      const decoded = decodeProxyHeader(Buffer.concat([bytes, Buffer.from(rest)]));
      if (typeof expected !== 'string') assert.deepEqual(decoded, { ...expected, isForeign: false });
      else assert.deepEqual([endsOf(decoded), lengthOf(decoded)], [expected, bytes.length]);
    }
  });
}

test('TLVs are read', () => {
  const tlvsOf = (name: ProxyVector) => {
    const decoded = decodeProxyHeader(proxyVector(name));
    assert('tlvs' in decoded);
    return decoded.tlvs;
  };
  const ssl = { isTls: true, isVerified: false, version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };
  assert.deepEqual(tlvsOf('v2 + all of them + CRC32C'), {
    alpn: 'h2',
    authority: 'www.example.test',
    uniqueId: '0123456789abcdef',
    ssl,
  });
  assert.deepEqual(tlvsOf('v2 TCP4'), {});
});

test('a client is verified that gave a certificate: without one, some senders say 0 and some 1', () => {
  const cases = [
    ['00', '00000000', [false, false]],
    ['00', '00000001', [false, false]],
    ['01', '00000000', [true, false]],
    ['01', '00000001', [true, false]],
    ['07', '00000000', [true, true]],
    ['07', '00000001', [true, false]],
    ['06', '00000000', [false, false]],
  ] as const;
  for (const [client, verify, [isTls, isVerified]] of cases) {
    const decoded = decodeProxyHeader(v2('21', '11', `${'00'.repeat(12)}200005${client}${verify}`));
    assert('tlvs' in decoded);
    assert.deepEqual(decoded.tlvs.ssl, { isTls, isVerified }, client + verify);
  }
});

test('datagrams take the addresses of datagrams alone', () => {
  const ends = (name: ProxyVector, transport: Transport) => endsOf(decodeProxyHeader(proxyVector(name), transport));
  assert.equal(ends('v2 PROXY UDP4', 'datagram'), V4);
  assert.equal(ends('v2 TCP4', 'datagram'), '');
});

const V1_REFUSED = [
  ['PROXY TCP4 203.0.113.7 192.0.2.9 51234 443\n', 'its line ends without CR'],
  ['PROXY TCP4 203.0.113.7 192.0.2.9 70000 443\r\n', 'its addresses are none of TCP4'],
  ['PROXY TCP4 203.0.113.7 192.0.2.9 +1 443\r\n', 'its addresses are none of TCP4'],
  ['PROXY TCP4 203.0.113.7 192.0.2.9 000080 443\r\n', 'its addresses are none of TCP4'],
  ['PROXY TCP4 999.1.1.1 192.0.2.9 51234 443\r\n', 'its addresses are none of TCP4'],
  ['PROXY TCP4 203.0.113.7 2001:db8::9 51234 443\r\n', 'its addresses are none of TCP4'],
  ['PROXY TCP6 203.0.113.7 192.0.2.9 51234 443\r\n', 'its addresses are none of TCP6'],
  ['PROXY TCP6 fe80::1%eth0 2001:db8::9 51234 443\r\n', 'its addresses are none of TCP6'],
  ['PROXY TCP4 203.0.113.7  192.0.2.9 51234 443\r\n', 'it has not just two addresses and two ports'],
  ['PROXY TCP4 203.0.113.7 192.0.2.9 51234\r\n', 'it has not just two addresses and two ports'],
  ['PROXY TCP4 203.0.113.7 192.0.2.9 51234 443 \r\n', 'it has not just two addresses and two ports'],
  ['PROXY UDP4 203.0.113.7 192.0.2.9 51234 443\r\n', 'it is of no protocol that there is'],
  ['PROXY UNKNOWNS\r\n', 'it is of no protocol that there is'],
  [`PROXY UNKNOWN ${'x'.repeat(200)}\r\n`, 'its line does not end within 107 bytes'],
] as const;

test('lines of version 1 that are refused', () => {
  for (const [line, problem] of V1_REFUSED)
    assert.deepEqual(decodeProxyHeader(Buffer.from(line)), { problem, isForeign: false }, line);
});

test('a port with zeros before it, and the port 0, are taken', () => {
  const line = Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.9 00080 0\r\n');
  assert.equal(endsOf(decodeProxyHeader(line)), '203.0.113.7:80 192.0.2.9:0');
});

test('headers of version 2 that are refused, and those that are taken though they tell nothing', () => {
  const unix = '00'.repeat(216);
  const cases = [
    ['31', '11', '00'.repeat(12), 'it is of no version that there is'],
    ['21', '41', '', 'it is of no family that there is'],
    ['21', '13', '00'.repeat(12), 'it is of no family that there is'],
    ['21', '11', '00'.repeat(11), 'it is too short for its addresses'],
    ['21', '21', '00'.repeat(35), 'it is too short for its addresses'],
    ['21', '31', '00'.repeat(215), 'it is too short for its addresses'],
    ['21', '11', `${'00'.repeat(12)}0400020000ff`, 'a TLV is cut off'],
    ['21', '11', `${'00'.repeat(12)}040002ff`, 'a TLV is longer than the header'],
    ['21', '11', `${'00'.repeat(12)}200004${'00'.repeat(4)}`, 'its TLV of TLS is cut off'],
    ['21', '11', `${'00'.repeat(12)}2000070100000000210f`, 'a TLV is cut off'],
    ['21', '11', `${'00'.repeat(12)}050081${'61'.repeat(129)}`, 'its unique id is longer than 128 bytes'],
    ['21', '11', `${'00'.repeat(12)}020100${'61'.repeat(256)}`, 'its authority is longer than 255 bytes'],
    ['21', '11', `${'00'.repeat(12)}010100${'61'.repeat(256)}`, 'its ALPN is longer than 255 bytes'],
    ['21', '11', `${'00'.repeat(12)}030003000000`, 'it has no single checksum of 4 bytes'],
    ['21', '31', unix, ''],
    ['21', '32', unix, ''],
    ['20', 'ff', 'ff'.repeat(9), ''],
    ['20', '11', '', ''],
    ['21', '00', 'ff'.repeat(9), ''],
  ] as const;
  for (const [command, family, rest, problem] of cases) {
    const decoded = decodeProxyHeader(v2(command, family, rest));
    const said = 'problem' in decoded ? decoded.problem : endsOf(decoded);
    assert.equal(said, problem, command + family + rest);
  }
});

test('a header that is too long is refused before its bytes are there', () => {
  const begin = Buffer.from('0d0a0d0a000d0a515549540a2111ffff', 'hex');
  assert.deepEqual(decodeProxyHeader(begin), { problem: 'it is longer than 16384 bytes', isForeign: false });
  const most = Buffer.from('0d0a0d0a000d0a515549540a21113ff0', 'hex');
  assert.deepEqual(decodeProxyHeader(most), { need: 16_384 });
});

test('what is no header is known by its first byte that differs', () => {
  for (const [text, isForeign] of [
    ['G', true],
    ['PROXZ', true],
    ['PROXYZ', true],
    ['\r\n\r\nx', true],
    ['PROXY', false],
  ] as const) {
    const decoded = decodeProxyHeader(Buffer.from(text));
    assert.equal('isForeign' in decoded && decoded.isForeign, isForeign, text);
  }
});

test('the checksum is the one that RFC 3720, B.4 gives', () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a91_36aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8_ab43);
  assert.equal(crc32c(Buffer.from('xxxx'), 0), crc32c(new Uint8Array(4)));
});

function v2(command: string, family: string, rest: string): Buffer {
  const length = (rest.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(`0d0a0d0a000d0a515549540a${command}${family}${length}${rest}`, 'hex');
}

function endsOf(decoded: Decoded): string {
  assert('source' in decoded, JSON.stringify(decoded));
  if (decoded.source === '') return '';
  return `${clientAddressText(decoded.source)} ${clientAddressText(decoded.destination)}`;
}

function lengthOf(decoded: Decoded): number {
  assert('length' in decoded);
  return decoded.length;
}
