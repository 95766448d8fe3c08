import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { helloBytes, helloFor, helloOf, REAL_HELLOS, recut } from '../../../test/helpers/texts/hellos.ts';
import { ClientHello, LONGEST_HELLO } from './client-hello.ts';
import { hostNameOf, visibleText } from './host-name.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is known once all these pieces were pushed. */
function read(pieces: readonly Uint8Array[], most?: number) {
  const hello = new ClientHello(most);
  for (const piece of pieces) hello.push(piece);
  return told(hello);
}

function told(hello: ClientHello) {
  return {
    state: hello.state,
    sni: hello.name === undefined ? undefined : visibleText(hello.name),
    alpn: hello.protocols.map((each) => Buffer.from(each).toString('latin1')),
    bytes: hello.bytes,
    records: hello.records,
  };
}

function split(bytes: Buffer, at: number): readonly Buffer[] {
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

describe('hellos of real programs', () => {
  for (const { file, sni, alpn, records, length } of REAL_HELLOS) {
    test(file, () => {
      const bytes = helloBytes(file);
      const whole = read([bytes]);
      const expected = file === 'chromium-156-name-of-253' ? 253 : sni === '' ? undefined : sni;
      assert.equal(expected === 253 ? whole.sni?.length : whole.sni, expected);
      assert.deepEqual([whole.state, whole.alpn, whole.records, whole.bytes], ['whole', alpn, records, length]);
      // Cut at each byte, and one byte at a time.
      for (let at = 0; at <= length; at++) assert.deepEqual(read(split(bytes, at)), whole);
      assert.deepEqual(read([...bytes].map((byte) => Uint8Array.of(byte))), whole);
      // In two records, cut at each byte of the message.
      const hello = bytes.subarray(0, length);
      const known = { state: whole.state, sni: whole.sni, alpn };
      const step = length > 4_000 ? 7 : 1;
      for (let at = 1; at < Math.min(length - 5 * records, 16_000); at += step) {
        const { state, sni, alpn } = read([recut(hello, [at, 16_384])]);
        assert.deepEqual({ state, sni, alpn }, known);
      }
      for (const size of [1, 2, 3, 5, 100]) {
        const cut = recut(hello, [size]);
        const { state, sni, alpn } = read([...cut].map((byte) => Uint8Array.of(byte)));
        assert.deepEqual({ state, sni, alpn }, cut.length > LONGEST_HELLO ? { ...known, state } : known);
      }
    });
  }
});

test('a hello is decided as soon as its name is known, or also its protocols', () => {
  for (const { file, sni, alpn, length } of REAL_HELLOS) {
    const bytes = helloBytes(file);
    for (const wantsProtocols of [false, true]) {
      const hello = new ClientHello();
      let at = 0;
      for (; !hello.isDecided(wantsProtocols); at++) hello.push(bytes.subarray(at, at + 1));
      const { sni: seen, alpn: offered } = told(hello);
      assert(hello.isHello(wantsProtocols));
      if (sni === '' || (wantsProtocols && alpn.length === 0)) continue;
      assert.equal(seen, sni);
      assert(at < length, `${file}: ${at} of ${length} bytes`);
      if (wantsProtocols) assert.deepEqual(offered, alpn);
    }
  }
});

test('what it lacks is never more than what it still needs, and a reader that waits for it looks a few times', () => {
  for (const { file } of REAL_HELLOS) {
    const bytes = helloBytes(file);
    const hello = new ClientHello();
    let looks = 0;
    for (let at = 0; hello.state === 'reading'; looks++) {
      const length = hello.lacks;
      assert(length > 0);
      const before = at + length <= bytes.length;
      assert(before, `${file} asks for ${length} bytes behind ${at}, and has ${bytes.length}`);
      hello.push(bytes.subarray(at, at + length));
      at += length;
    }
    assert(looks < 120, `${file}: ${looks} looks`);
    assert.equal(hello.lacks, 0);
  }
});

const HELLO = helloFor('www.example.test', 'h2');

for (const [what, bytes] of [
  ['a request of HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
  ['the request for TLS of PostgreSQL', Buffer.from('0000000804d2162f', 'hex')],
  ['a hello of SSL 2', Buffer.from('802e0100020015', 'hex')],
  ['another major version', Buffer.from([0x16, 2])],
  ['an empty record', Buffer.from([0x16, 3, 1, 0, 0])],
  ['a record that is too long', Buffer.from([0x16, 3, 1, 0x40, 1])],
  ['an alert first', Buffer.from([0x15, 3, 1, 0, 2])],
  ['another message', Buffer.from([0x16, 3, 1, 0, 4, 2])],
  ['what follows a HelloRetryRequest', helloBytes('openssl-3.0-after-hello-retry')],
  [
    'another record between two',
    Buffer.concat([recut(HELLO, [9]).subarray(0, 14), Buffer.from([0x17, 3, 3, 0, 1, 0])]),
  ],
] as const) {
  test(`${what} is not TLS, which is known at once`, () => assert.equal(read([bytes]).state, 'not-tls'));
}

test('no length goes beyond the one around it', () => {
  for (let at = 5; at < HELLO.length; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const bytes = Buffer.from(HELLO);
      bytes[at] = value;
      const { state, sni } = read([bytes]);
      assert(['whole', 'not-tls', 'reading', 'too-long'].includes(state));
      assert(sni === undefined || sni.length <= 4 * HELLO.length);
    }
  }
});

test('a name that has come stands, whatever follows it', () => {
  const bytes = helloOf({ names: [[0, 'a.test']], padding: 8 });
  const end = bytes.indexOf('a.test') + 6;
  const broken = Buffer.concat([bytes.subarray(0, end), Buffer.alloc(bytes.length - end, 0xff)]);
  for (let at = 0; at < broken.length; at++) {
    const hello = new ClientHello();
    for (const piece of split(broken, at)) if (!hello.isDecided(false)) hello.push(piece);
    assert(hello.isDecided(false) && hello.isHello(false));
    assert.equal(told(hello).sni, 'a.test');
  }
});

test('a hello has as many bytes as are allowed, and not one more', () => {
  const bytes = helloOf({ padding: 2_000 });
  assert.equal(read([bytes], bytes.length).state, 'whole');
  assert.equal(read([bytes], bytes.length - 1).state, 'too-long');
  const cut = recut(bytes, [10]);
  assert.equal(read([cut], cut.length - 1).state, 'too-long');
  assert.equal(read([Buffer.from([0x16, 3, 1, 0x40, 0, 1, 1, 0, 0])]).state, 'too-long', 'said by its own length');
  const long = recut(helloOf({ padding: 20_000 }), [16_384]);
  assert.deepEqual([read([long]).state, read([long]).records], ['whole', 4]);
});

test('of several names the first host name counts, and longest lists are cut', () => {
  const sniOf = (...names: readonly (readonly [number, string])[]) => read([helloOf({ names })]).sni;
  assert.equal(sniOf([0, 'a.test'], [0, 'd.test']), 'a.test');
  assert.equal(sniOf([9, 'x'], [0, 'a.test']), 'a.test');
  assert.equal(sniOf([9, 'x']), undefined);
  assert.equal(sniOf(), undefined);
  assert.equal(sniOf([0, '']), '');
  assert.equal(sniOf([0, 'x'.repeat(1_025)]), '');
  const many = Array.from({ length: 100 }, (_, index) => `p${index}`);
  assert.deepEqual(read([helloOf({ alpn: many })]).alpn, many.slice(0, 32));
});

test('the name of a host is in lower case, without one dot, and no address', () => {
  for (const [received, name] of [
    ['WWW.Example.TEST', 'www.example.test'],
    ['www.example.test.', 'www.example.test'],
    ['www.example.test..', 'www.example.test.'],
    ['localhost', 'localhost'],
    ['under_score.example.test', 'under_score.example.test'],
    ['10.66.0.2', ''],
    ['10.66.0.2.', ''],
    ['::1', ''],
    ['[::1]', ''],
    ['', ''],
    ['.', ''],
    ['x'.repeat(253), 'x'.repeat(253)],
    [`${'x'.repeat(253)}.`, 'x'.repeat(253)],
    ['x'.repeat(254), ''],
    ['a\\x00b', ''],
  ] as const)
    assert.equal(hostNameOf(received), name, received);
  assert.equal(visibleText(Buffer.from('a\x00b\x9b c\\é', 'latin1')), 'a\\x00b\\x9b\\x20c\\x5c\\xe9');
});

test('a text of what a client sends takes memory in proportion to it', () => {
  const bytes = new Uint8Array(255).fill(0xff);
  const used = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  const texts = Array.from({ length: 2_000 }, () => visibleText(bytes));
  const each = (used() - before) / texts.length;
  assert(each < 8 * bytes.length, `${each} bytes`);
});
