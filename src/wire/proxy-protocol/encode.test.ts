import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { proxyVector, type ProxyVector } from '../../../test/helpers/texts/proxy-vectors.ts';
import { clientAddressOf, unmappedAddress } from '../client-address.ts';
import { decodeProxyHeader } from './decode.ts';
import { encodeLocal, encodeV1, encodeV2 } from './encode.ts';

const V4 = { source: clientAddressOf('203.0.113.7', 51_234), destination: clientAddressOf('192.0.2.9', 443) };
const V6 = { source: clientAddressOf('2001:db8::7', 51_234), destination: clientAddressOf('2001:db8::9', 443) };
const MOST = clientAddressOf('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 65_535);
const MAPPED = {
  source: clientAddressOf('::ffff:203.0.113.7', 51_234),
  destination: clientAddressOf('::ffff:192.0.2.9', 443),
};

test('headers are the bytes that others send', () => {
  const ssl = { isTls: true, isVerified: false, version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };
  const cases: readonly (readonly [ProxyVector, () => Uint8Array])[] = [
    ['v1 TCP4', () => encodeV1(V4)],
    ['v1 TCP4', () => encodeV1(MAPPED)],
    ['v1 TCP6', () => encodeV1(V6)],
    ['v1 longest TCP6', () => encodeV1({ source: MOST, destination: MOST })],
    ['v2 TCP4', () => encodeV2(V4, {})],
    ['v2 TCP4', () => encodeV2(MAPPED, {})],
    ['v2 TCP6', () => encodeV2(V6, {})],
    ['v2 PROXY UDP4', () => encodeV2(V4, {}, 'datagram')],
    ['v2 LOCAL', () => encodeLocal()],
    ['v2 LOCAL + CRC32C', () => encodeLocal({ hasCrc32c: true })],
    ['v2 + CRC32C right', () => encodeV2(V4, { hasCrc32c: true })],
    ['v2 + ALPN h2 + authority', () => encodeV2(V4, { alpn: 'h2', authority: 'www.example.test' })],
    ['v2 + unique id', () => encodeV2(V4, { uniqueId: '0123456789abcdef' })],
  ];
  for (const [name, encode] of cases) assert.equal(hex(encode()), hex(proxyVector(name)), name);
  // As the vector, but that nothing was verified: the reference says 0 there, and we say 1 as its rule wants.
  const expected = hex(proxyVector('v2 + SSL (TLSv1.3, cipher; client 01, verify 0)'));
  assert.equal(hex(encodeV2(V4, { ssl })), expected.replace('0100000000', '0100000001'));
});

test('TLVs are in the order of HAProxy', () => {
  const header = encodeV2(V4, { uniqueId: 'u', authority: 'a', alpn: 'p', hasCrc32c: true });
  assert.match(hex(header.subarray(28)), /^030004.{8}010001700200016105000175$/);
});

test('an IPv4 end beside an IPv6 one is told in IPv6 form', () => {
  const mixed = { source: V6.source, destination: V4.destination };
  assert.equal(Buffer.from(encodeV1(mixed)).toString(), 'PROXY TCP6 2001:db8::7 ::ffff:192.0.2.9 51234 443\r\n');
  assert.equal(encodeV2(mixed, {}).length, 52);
});

test('no port is told as 0', () => {
  const ends = { source: clientAddressOf('203.0.113.7', 0), destination: clientAddressOf('192.0.2.9', 0) };
  assert.equal(Buffer.from(encodeV1(ends)).toString(), 'PROXY TCP4 203.0.113.7 192.0.2.9 1 1\r\n');
});

test('what is encoded comes back, whatever follows, and at every split more is wanted', () => {
  const address = fc
    .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }))
    .map(([ip, port]) => clientAddressOf(ip, port));
  const text = fc.string({ maxLength: 120 });
  const bytes = fc.uint8Array({ maxLength: 128 }).map((array) => Buffer.from(array).toString('latin1'));
  const some = fc.record({ alpn: fc.constant('h2'), authority: text, uniqueId: bytes }, { requiredKeys: [] });
  fc.assert(
    fc.property(address, address, some, fc.boolean(), bytes, (source, destination, tlvs, hasCrc32c, rest) => {
      const ends = { source: unmappedAddress(source), destination: unmappedAddress(destination) };
      for (const version of [1, 2] as const) {
        const header = Buffer.from(version === 1 ? encodeV1(ends) : encodeV2(ends, { ...tlvs, hasCrc32c }));
        const decoded = decodeProxyHeader(Buffer.concat([header, Buffer.from(rest, 'latin1')]));
        const expected = { version, length: header.length, ...ends, tlvs: version === 1 ? {} : { ...tlvs } };
        assert.deepEqual(decoded, expected);
        for (let length = 0; length < header.length; length++)
          assert('need' in decodeProxyHeader(header.subarray(0, length)));
      }
    }),
  );
});

test('bytes of any kind are never a reason to throw, nor to want more than there may be', () => {
  const begin = fc.constantFrom('', '0d0a0d0a000d0a515549540a', '0d0a0d0a000d0a515549540a2111', '50524f585920');
  fc.assert(
    fc.property(begin, fc.uint8Array({ maxLength: 400 }), (hexes, rest) => {
      const decoded = decodeProxyHeader(Buffer.concat([Buffer.from(hexes, 'hex'), rest]));
      if ('need' in decoded) assert(decoded.need <= 16_384);
      if ('length' in decoded) assert(decoded.length <= hexes.length / 2 + rest.length);
    }),
  );
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
