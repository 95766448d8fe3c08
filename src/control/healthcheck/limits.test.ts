import assert from 'node:assert/strict';
import { test } from 'node:test';

import { turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { checkLimit } from './limits.ts';

test('so many connections at once, and far fewer programs', async () => {
  for (const [kind, most] of [
    ['ping', 256],
    ['http', 256],
    ['exec', 8],
  ] as const) {
    const limit = checkLimit();
    const ends: (() => void)[] = [];
    const all = Array.from({ length: 300 }, () => limit(() => new Promise<void>((end) => ends.push(end)), kind));
    await turn();
    assert.equal(ends.length, most, kind);
    for (let index = 0; index < all.length; index++) {
      ends[index]?.();
      await turn();
    }
    await Promise.all(all);
  }
});

test('programs do not wait for connections', async () => {
  const limit = checkLimit();
  for (let index = 0; index < 300; index++) void limit(() => new Promise(() => {}), 'ping');
  assert.equal(await limit(() => Promise.resolve('ran'), 'exec'), 'ran');
});
