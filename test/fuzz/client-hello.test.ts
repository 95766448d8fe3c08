import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClientHello, LONGEST_HELLO } from '../../src/wire/client-hello/client-hello.ts';
import { hostNameOf, visibleText } from '../../src/wire/client-hello/host-name.ts';
import { helloBytes, helloOf, REAL_HELLOS, recut } from '../helpers/texts/hellos.ts';
import { nthRandom } from '../soak/chance.ts';
import { fuzz, FUZZ_SEED } from './fuzz.ts';
import { readHello } from './hello-model.ts';
import { pieces } from './mutations.ts';

const SAMPLES = [
  ...REAL_HELLOS.map(({ file }) => helloBytes(file)),
  recut(helloBytes('openssl-3.0'), [1, 100, 7, 16_384]),
  recut(helloBytes('java-17'), [50]),
  helloOf({
    names: [
      [9, 'x'],
      [0, 'a.test'],
      [0, 'b.test'],
    ],
    alpn: ['h2', 'http/1.1'],
    padding: 3,
  }),
  helloOf({ names: [[0, 'x'.repeat(1025)]] }),
  helloOf({ alpn: Array.from({ length: 40 }, (_, index) => `protocol-${index}`) }),
  helloOf({}),
];

function told(hello: ClientHello) {
  const { state, bytes, records } = hello;
  const name = hello.name === undefined ? undefined : Buffer.from(hello.name).toString('latin1');
  // Of what is no hello it does not matter how much was looked at.
  const counts = state === 'reading' || state === 'whole' ? { bytes, records } : undefined;
  return { state, counts, name, protocols: hello.protocols.map((each) => Buffer.from(each).toString('latin1')) };
}

function read(parts: readonly Uint8Array[]) {
  const hello = new ClientHello();
  for (const part of parts) hello.push(part);
  return told(hello);
}

fuzz({
  name: 'client-hello',
  samples: SAMPLES,
  check(bytes, random) {
    const whole = read([bytes]);
    assert.deepEqual(read(pieces(random, bytes)), whole, 'cut into pieces it reads otherwise');
    assert((whole.counts?.bytes ?? 0) <= Math.min(bytes.length, LONGEST_HELLO));
    if (bytes.length < LONGEST_HELLO) {
      const { state, name, protocols } = whole;
      assert.deepEqual({ state, name, protocols }, readHello(bytes, LONGEST_HELLO));
    }
    // What stands behind the end is not looked at.
    if (whole.state !== 'reading') assert.deepEqual(read([Buffer.concat([bytes, bytes])]), whole);
    // One that waits for as much as it is told to comes to the same end, and is never told to wait for more than that.
    assert.equal(readByLacks(bytes).state, whole.state);
    if (whole.name !== undefined) hostNameOf(visibleText(Buffer.from(whole.name, 'latin1')));
  },
});

function readByLacks(bytes: Buffer): ClientHello {
  const hello = new ClientHello();
  for (let at = 0; hello.state === 'reading' && at < bytes.length;) {
    const length = hello.lacks;
    assert(length > 0);
    hello.push(bytes.subarray(at, at + length));
    at += length;
  }
  return hello;
}

test('an endless hello of records of one byte costs no more than its bytes', () => {
  const message = Buffer.concat([Buffer.from([1, 0, 0xff, 0xf0]), Buffer.alloc(LONGEST_HELLO, 0)]);
  const record = (byte: number): Buffer => Buffer.from([0x16, 3, 1, 0, 1, byte]);
  const bytes = Buffer.concat([...message.subarray(0, LONGEST_HELLO / 6)].map(record));
  const hello = new ClientHello();
  // Each piece is looked at once: a reader that begins anew with each would need an hour.
  for (let at = 0; at < bytes.length; at++) hello.push(bytes.subarray(at, at + 1));
  assert(['too-long', 'not-tls', 'whole', 'reading'].includes(hello.state));
  assert.equal(hello.bytes <= LONGEST_HELLO, true);
});

test('random bytes are no hello', () => {
  const random = nthRandom(FUZZ_SEED, -1);
  for (let n = 0; n < 1000; n++) {
    const bytes = Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)));
    const { state } = read([bytes]);
    assert(state === 'not-tls' || state === 'reading');
  }
});
