import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { openDescriptors } from '../../../../test/helpers/sockets/kernel.ts';
import { epollLifeline, whyNoEpoll } from '../epoll/engine.ts';
import { loadLibc } from './libc.ts';
import { EventfdWakers, eventfdWakers } from './wakers.ts';

const skip = whyNoEpoll() ?? false;

test('a waker outlives the threads that it wakes, so that a call writes to nothing else', { skip }, () => {
  const before = openDescriptors();
  const wakers = eventfdWakers(3);
  const { memory } = wakers;
  const seen = new EventfdWakers(loadLibc(), memory);
  wakers.install(1);
  const descriptor = seen.descriptor(1);
  epollLifeline({ index: 1, wakers: memory }).release();
  wakers.install(1);
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => seen.descriptor(index)),
    [-1, descriptor, -1, -1],
  );
  assert.match(readlinkSync(`/proc/self/fd/${descriptor}`), /eventfd/);
  for (const index of [0, 1, 2, 3]) seen.wake(index);
  wakers.close();
  assert.deepEqual([seen.descriptor(1), openDescriptors()], [-1, before]);
});
