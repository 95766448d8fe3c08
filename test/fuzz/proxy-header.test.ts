import assert from 'node:assert/strict';

import type { Random } from '../../src/core/random.ts';
import { decodeProxyHeader } from '../../src/wire/proxy-protocol/decode.ts';
import { encodeV1, encodeV2 } from '../../src/wire/proxy-protocol/encode.ts';
import type { Transport } from '../../src/wire/proxy-protocol/header.ts';
import { PROXY_VECTORS, proxyVector, type ProxyVector } from '../helpers/texts/proxy-vectors.ts';
import { between } from '../soak/chance.ts';
import { fuzz } from './fuzz.ts';

const PAYLOADS = ['', 'GET / HTTP/1.0\r\n\r\n', '\r\n', 'PROXY UNKNOWN\r\n'].map((text) => Buffer.from(text));
const VECTORS = (Object.keys(PROXY_VECTORS) as readonly ProxyVector[]).map(proxyVector);

const SAMPLES = [
  ...VECTORS.flatMap((vector) => PAYLOADS.map((payload) => Buffer.concat([vector, payload]))),
  Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.9 1 65535\r\n'),
];

/** All of a usual header; a few of a long one. */
const ALL_PREFIXES = 200;

function prefixes(random: Random, length: number): readonly number[] {
  if (length <= ALL_PREFIXES) return Array.from({ length }, (_, index) => index);
  return Array.from({ length: 20 }, () => between(random, 0, length - 1)).toSorted((one, other) => one - other);
}

for (const transport of ['stream', 'datagram'] as const satisfies readonly Transport[]) {
  fuzz({
    name: `proxy-header-${transport}`,
    samples: SAMPLES,
    check(bytes, random) {
      const whole = decodeProxyHeader(bytes, transport);
      for (const length of prefixes(random, bytes.length)) {
        const part = decodeProxyHeader(bytes.subarray(0, length), transport);
        if (!('need' in part)) {
          // What is known of a part is true of the whole.
          assert.deepEqual(part, whole, `${length} bytes of ${bytes.length}`);
          continue;
        }
        assert(part.need > length, `${length} bytes need ${part.need}`);
        if ('length' in whole) assert(part.need <= whole.length && length < whole.length);
      }
      if (!('length' in whole)) return;
      assert(whole.length <= bytes.length);
      // What follows is not looked at.
      assert.deepEqual(decodeProxyHeader(bytes.subarray(0, whole.length), transport), whole);
      if (whole.source === '') return;
      const { source, destination } = whole;
      const again = decodeProxyHeader(encodeV2({ source, destination }, {}, transport), transport);
      assert('length' in again);
      assert.deepEqual([again.source, again.destination], [source, destination].map(withPort));
      const line = decodeProxyHeader(encodeV1({ source, destination }));
      assert('length' in line);
      assert.deepEqual([line.source, line.destination], [source, destination].map(withPort));
    },
  });
}

/** A port 0 is told as 1. */
function withPort(address: string): string {
  return address.endsWith('\0\0') ? `${address.slice(0, -1)}\x01` : address;
}
