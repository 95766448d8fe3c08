import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { Respawn } from './respawn.ts';

/** Something that is short until it was recovered so often. */
function recovering(clock: FakeClock, succeedsAt: number) {
  const said: string[] = [];
  let tries = 0;
  let isShort = true;
  const respawn = new Respawn(clock, {
    isShort: () => isShort,
    async respawn() {
      tries += 1;
      await turn();
      if (tries < succeedsAt) throw new Error(`try ${tries}`);
      isShort = false;
    },
    failed: (error) => said.push(error.message),
  });
  return {
    said,
    tries: () => tries,
    start: () => respawn.start(),
    loses: () => {
      isShort = true;
      respawn.start();
    },
  };
}

async function settled(): Promise<void> {
  for (let n = 0; n < 10; n++) await turn();
}

test('what fails is tried again once a second, and each failure is told', async () => {
  const clock = new FakeClock();
  const { said, tries, start } = recovering(clock, 3);
  start();
  start();
  await settled();
  assert.equal(tries(), 1);
  clock.advance(999);
  await settled();
  assert.equal(tries(), 1);
  for (const expected of [2, 3, 3]) {
    clock.advance(1000);
    await settled();
    assert.equal(tries(), expected);
  }
  assert.deepEqual(said, ['try 1', 'try 2']);
});

test('a second loss within a second waits for the rest of it', async () => {
  const clock = new FakeClock();
  const { tries, loses } = recovering(clock, 0);
  loses();
  await settled();
  assert.equal(tries(), 1);
  loses();
  await settled();
  assert.equal(tries(), 1);
  clock.advance(1000);
  await settled();
  assert.equal(tries(), 2);
  clock.advance(5000);
  loses();
  await settled();
  assert.equal(tries(), 3);
});
