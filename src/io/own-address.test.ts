import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isOwnAddress } from './own-address.ts';

test('an address of this host is told from one of another', async () => {
  assert.deepEqual(await Promise.all(['127.0.0.1', '192.0.2.7', '2001:db8::7'].map(isOwnAddress)), [
    true,
    false,
    false,
  ]);
});
