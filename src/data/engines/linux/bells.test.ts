import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { openDescriptors } from '../../../../test/helpers/sockets/kernel.ts';
import { tetherEpollThread, whyNoEpoll } from '../epoll/engine.ts';
import { EpollBells, epollBells } from './bells.ts';
import { loadLibc } from './libc.ts';

const skip = whyNoEpoll() ?? false;

test('a bell outlives the threads of its seat, so that who rings it writes to nothing else', { skip }, () => {
  const before = openDescriptors();
  const bells = epollBells(3);
  const { memory } = bells;
  const seen = new EpollBells(loadLibc(), memory);
  bells.install(1);
  const descriptor = seen.descriptor(1);
  tetherEpollThread({ number: 1, bells: memory }).release();
  bells.install(1);
  assert.deepEqual(
    [0, 1, 2, 3].map((seat) => seen.descriptor(seat)),
    [-1, descriptor, -1, -1],
  );
  assert.match(readlinkSync(`/proc/self/fd/${descriptor}`), /eventfd/);
  for (const seat of [0, 1, 2, 3]) seen.ring(seat);
  bells.close();
  assert.deepEqual([seen.descriptor(1), openDescriptors()], [-1, before]);
});
