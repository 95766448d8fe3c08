import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { decode, LARGEST_BYTES } from './decode.ts';

function text(bytes: Uint8Array): string | undefined {
  const decoded = decode(bytes);
  return 'value' in decoded ? decoded.value : undefined;
}

describe('decoding', () => {
  test('drops the byte-order mark and turns CRLF into LF, and leaves a lone CR', () => {
    assert.equal(text(Buffer.from('\ufeffa\r\nb\rc\n')), 'a\nb\rc\n');
  });

  test('refuses a file beyond 4 MiB, and takes one of just that size', () => {
    assert.equal(text(Buffer.alloc(LARGEST_BYTES, 0x20))?.length, LARGEST_BYTES);
    const decoded = decode(Buffer.alloc(LARGEST_BYTES + 1, 0x20));
    assert.ok('faults' in decoded && decoded.faults[0]?.code === 'TSLB_CONFIG_SIZE');
  });

  test('names the first byte that is not UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', 'é', '\ufffd', '🎉') }), (before) => {
        const bytes = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(before)]);
        const decoded = decode(bytes);
        assert.ok('faults' in decoded);
        const line = before.split('\n').length;
        const expected = `byte 0xff at offset ${Buffer.byteLength(before)} (line ${line}) is not UTF-8 text`;
        assert.equal(decoded.faults[0]?.message, expected);
      }),
    );
  });

  test('gives text or a fault for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const decoded = decode(bytes);
        if ('faults' in decoded) assert.match(decoded.faults[0]?.message ?? '', /is not UTF-8/);
      }),
    );
  });
});
