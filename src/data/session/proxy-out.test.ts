import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { fronting, type FrontingOptions } from '../../../test/helpers/rigs/frontend.ts';
import { FakePair } from '../../../test/helpers/fakes/fake-engine.ts';
import { helloFor, helloOf } from '../../../test/helpers/texts/hellos.ts';
import { parseNetwork } from '../../config/values/network.ts';
import { clientAddressText } from '../../wire/client-address.ts';
import { decodeProxyHeader } from '../../wire/proxy-protocol/decode.ts';
import { encodeV2 } from '../../wire/proxy-protocol/encode.ts';
import { clientAddressOf } from '../../wire/client-address.ts';

const V1 = { proxyOut: { version: 'v1', tlvs: [] } } as const;
const V2 = { proxyOut: { version: 'v2', tlvs: [] } } as const;
const anybody = parseNetwork('0.0.0.0/0');
assert('value' in anybody);
const ANYBODY = anybody.value;
const TRUST = { isRequired: true, from: [ANYBODY], timeoutMs: 5_000 } as const;

const ANY_NAME = {
  matching: 'exact',
  unexpected: 'any',
  readTimeoutMs: 2_000,
  silent: 'close',
  plain: 'default',
  mostBytes: 65_536,
} as const;

const LINE = 'PROXY TCP4 192.0.2.1 192.0.2.9 5000 443\r\n';

function headerBefore(pair: FakePair, options: FrontingOptions, before: (pair: FakePair) => void = () => undefined) {
  const front = fronting(options);
  front.accept(pair);
  before(pair);
  pair.connects();
  assert.equal(pair.state, 'relaying');
  return pair.prefaced;
}

describe('a backend gets', () => {
  test('no header, unless that is configured', () => {
    assert.equal(headerBefore(new FakePair(), {}), undefined);
    assert.equal(headerBefore(new FakePair(), { limits: V1, backends: [{ sendProxy: 'none' }] }), undefined);
  });

  test('the addresses of the client, and of what it connected to', () => {
    assert.equal(headerBefore(new FakePair(), { limits: V1 })?.toString(), LINE);
    assert.deepEqual(endsOf(headerBefore(new FakePair(), { limits: V2 })), ['192.0.2.1:5000', '192.0.2.9:443']);
  });

  test('the version of its own', () => {
    assert.equal(headerBefore(new FakePair(), { limits: V2, backends: [{ sendProxy: 'v1' }] })?.toString(), LINE);
    assert.equal(headerBefore(new FakePair(), { backends: [{ sendProxy: 'v2' }] })?.length, 28);
  });

  test('the own addresses of its connection, where the client is on a unix socket', () => {
    const pair = new FakePair('');
    pair.ownAddress = '';
    assert.equal(headerBefore(pair, { limits: V1 })?.toString(), 'PROXY TCP4 10.0.0.9 10.0.0.1 40000 8000\r\n');
  });

  test('a header that names no client, where there is no address at all', () => {
    for (const [limits, hex] of [
      [V1, Buffer.from('PROXY TCP4 127.0.0.1 127.0.0.1 1 1\r\n').toString('hex')],
      [V2, '0d0a0d0a000d0a515549540a20000000'],
    ] as const) {
      const pair = new FakePair('');
      pair.ownAddress = pair.ownBackendAddress = '';
      assert.equal(headerBefore(pair, { limits })?.toString('hex'), hex);
    }
  });

  test('a header anew after a dial that failed', () => {
    const pair = new FakePair();
    assert.equal(headerBefore(pair, { limits: V1, backends: [{}, {}] }, () => pair.fails('refused'))?.toString(), LINE);
  });

  test('a unique id that stands in the access log, too', () => {
    const front = fronting({ limits: { proxyOut: { version: 'v2', tlvs: ['unique_id', 'crc32c', 'ssl'] } } });
    const ids = [1, 2].map(() => {
      const pair = front.accept();
      pair.connects();
      const decoded = decodeProxyHeader(pair.prefaced!);
      assert('tlvs' in decoded);
      pair.ends('finished');
      assert.match(decoded.tlvs.uniqueId ?? '', /^[\da-f]{12}-[\da-f]+$/);
      assert.equal(front.entries().at(-1)?.uniqueId, decoded.tlvs.uniqueId);
      assert.equal(decoded.tlvs.ssl, undefined);
      return decoded.tlvs.uniqueId;
    });
    assert.notEqual(ids[0], ids[1]);
  });

  test('what the header of the client said, and its TLS only from a sender that is named', () => {
    const ssl = { isTls: true, isVerified: true, version: 'TLSv1.3' };
    const tlvs = { authority: 'www.example.test', alpn: 'h2', uniqueId: 'abc', ssl };
    const ends = { source: clientAddressOf('2001:db8::7', 51_234), destination: clientAddressOf('2001:db8::9', 443) };
    const header = Buffer.from(encodeV2(ends, tlvs));
    for (const [from, sent] of [
      [TRUST.from, tlvs],
      [[], { ...tlvs, ssl: undefined }],
    ] as const) {
      const out = headerBefore(
        new FakePair(),
        {
          limits: {
            proxyIn: { ...TRUST, from },
            proxyOut: { version: 'v2', tlvs: ['authority', 'alpn', 'unique_id', 'ssl'] },
          },
        },
        (pair) => pair.shows(header, 'enough'),
      );
      const decoded = decodeProxyHeader(out!);
      assert('tlvs' in decoded);
      assert.deepEqual({ ssl: undefined, ...decoded.tlvs }, { ...sent, ssl: sent.ssl });
      assert.deepEqual(endsOf(out), ['[2001:db8::7]:51234', '[2001:db8::9]:443']);
    }
  });
});

test('texts that fill the header of a client never make one that is too long', () => {
  const tlvs = ['alpn', 'authority'] as const;
  const [alpn, authority] = [Buffer.from([1, 0, 0]), Buffer.from([2, 0, 255])];
  alpn.writeUInt16BE(16_384 - 16 - 3, 1);
  for (const rest of [
    Buffer.concat([alpn, Buffer.alloc(16_384 - 16 - 3, 0x61)]),
    Buffer.concat([authority, Buffer.alloc(255, 0xff)]),
  ]) {
    const header = Buffer.concat([Buffer.from('0d0a0d0a000d0a515549540a21000000', 'hex'), rest]);
    header.writeUInt16BE(rest.length, 14);
    const limits = { proxyIn: TRUST, proxyOut: { version: 'v2', tlvs } } as const;
    const out = headerBefore(new FakePair(), { limits }, (pair) => pair.shows(header, 'enough'));
    assert.equal(out?.length, 28);
  }
});

test('a hello without a name leaves the authority of the header, and tells none of its own', () => {
  const ends = { source: clientAddressOf('192.0.2.5', 1), destination: clientAddressOf('192.0.2.9', 443) };
  for (const [sent, hello, told] of [
    [{ authority: 'www.example.test' }, helloOf({}), { authority: 'www.example.test' }],
    [{ authority: 'www.example.test' }, helloFor('a.test', 'h2'), { authority: 'a.test', alpn: 'h2' }],
    [{}, Buffer.from('GET / HTTP/1.0'), {}],
    [{}, helloOf({ alpn: ['\u0001'] }), {}],
  ] as const) {
    const limits = {
      serverNames: ANY_NAME,
      proxyIn: TRUST,
      proxyOut: { version: 'v2', tlvs: ['authority', 'alpn'] },
    } as const;
    const out = headerBefore(new FakePair(), { limits }, (pair) => {
      pair.shows(Buffer.from(encodeV2(ends, sent)), 'enough');
      pair.shows(hello, 'enough');
    });
    const decoded = decodeProxyHeader(out ?? Buffer.alloc(0));
    assert('tlvs' in decoded);
    assert.deepEqual(decoded.tlvs, told);
  }
});

test('the protocol of a hello is told though it comes after the name, in a piece of its own', () => {
  const limits = { serverNames: ANY_NAME, proxyOut: { version: 'v2', tlvs: ['alpn'] } } as const;
  const hello = helloFor('a.test', 'h2');
  const out = headerBefore(new FakePair(), { limits }, (pair) => {
    pair.shows(hello.subarray(0, hello.indexOf('h2')), 'enough');
    pair.shows(hello, 'enough');
  });
  const decoded = decodeProxyHeader(out ?? Buffer.alloc(0));
  assert('tlvs' in decoded);
  assert.deepEqual(decoded.tlvs, { alpn: 'h2' });
});

function endsOf(header: Uint8Array | undefined): readonly string[] {
  const decoded = decodeProxyHeader(header ?? Buffer.alloc(0));
  assert('source' in decoded);
  return [clientAddressText(decoded.source), clientAddressText(decoded.destination)];
}
