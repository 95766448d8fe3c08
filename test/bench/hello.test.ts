import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clientHello, NAMES } from '../../scripts/bench/hello/client-hello.ts';
import { bytesExpected } from '../../scripts/bench/hello/expected.ts';

const V2 = Buffer.from('0d0a0d0a000d0a515549540a2111000c7f0000017f00000113881f90', 'hex');

test('the hello of the load is one record, and has the name', async () => {
  const hello = await clientHello(NAMES[0]);
  assert.equal(bytesExpected(hello), hello.length);
  assert.ok(hello.includes(NAMES[0]));
});

test('the backend of hellos knows how much has to come, behind a PROXY header too', async () => {
  const hello = await clientHello(NAMES[1]);
  const v1 = Buffer.from('PROXY TCP4 127.0.0.1 127.0.0.1 5000 8080\r\n');
  for (const header of [v1, V2, Buffer.alloc(0)]) {
    const all = Buffer.concat([header, hello]);
    assert.equal(bytesExpected(all), all.length);
    assert.equal(bytesExpected(all.subarray(0, header.length + 4)), undefined);
  }
  for (const part of [v1.subarray(0, 20), V2.subarray(0, 15)]) assert.equal(bytesExpected(part), undefined);
});
