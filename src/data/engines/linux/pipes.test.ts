import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Libc } from './libc.ts';
import { Pipes } from './pipes.ts';
import { TimerWheel } from './timer-wheel.ts';

const KEPT = 32;
const KIB = 1024;

/** As much of libc as pipes need: descriptors are numbers that count up. */
function piping(most = Infinity, mostBytes = Infinity) {
  const open = new Set<number>();
  let last = 100;
  const libc: Pick<Libc, 'close' | 'pipe' | 'resizePipe'> = {
    close: (fd) => assert(open.delete(fd), `${fd} was closed twice`),
    pipe(ends) {
      if (open.size + 2 > most) return false;
      for (const index of [0, 1]) open.add((ends[index] = ++last));
      return true;
    },
    resizePipe: (_, bytes) => Math.min(bytes, mostBytes),
  };
  let now = 0;
  const wheel = new TimerWheel(now);
  const pipes = new Pipes(libc, wheel, () => now);
  const pass = (ms: number) => wheel.advance((now += ms));
  return { open, pipes, pass };
}

test('a pipe that is empty is lent again', () => {
  const { open, pipes } = piping();
  const pipe = pipes.take();
  assert(pipe !== undefined);
  pipes.release(pipe);
  assert.equal(pipes.take(), pipe);
  assert.equal(open.size, 2);
});

test('a pipe that still holds bytes is closed: no other transfer may get them', () => {
  const { open, pipes } = piping();
  const pipe = pipes.take();
  assert(pipe !== undefined);
  pipe.length = 1;
  pipes.release(pipe);
  assert.equal(open.size, 0);
  assert.notEqual(pipes.take(), pipe);
});

test('without descriptors there is none', () => {
  const { pipes } = piping(2);
  assert(pipes.take() !== undefined);
  assert.equal(pipes.take(), undefined);
});

test('so many are kept, and closed when none was given back for a while', () => {
  const { open, pipes, pass } = piping();
  const lent = Array.from({ length: KEPT + 8 }, () => pipes.take());
  for (const pipe of lent) if (pipe !== undefined) pipes.release(pipe);
  assert.equal(open.size, 2 * KEPT);
  pass(400);
  assert.equal(open.size, 2 * KEPT);
  const pipe = pipes.take();
  if (pipe !== undefined) pipes.release(pipe);
  pass(400);
  assert.equal(open.size, 2 * KEPT, 'they are still in use');
  pass(400);
  assert.equal(open.size, 0);
});

test('few are large, and there may be others when those are closed', () => {
  const { pipes } = piping();
  const sizes = (count: number) => Array.from({ length: count }, () => pipes.take()).map((pipe) => pipe?.capacity);
  const lent = Array.from({ length: 16 }, () => pipes.take());
  assert.deepEqual(new Set(lent.map((pipe) => pipe?.capacity)), new Set([1024 * KIB]));
  assert.deepEqual(new Set(sizes(4)), new Set([64 * KIB]));
  for (const pipe of lent.slice(0, 2)) if (pipe !== undefined) pipes.release(Object.assign(pipe, { length: 1 }));
  assert.deepEqual(sizes(3), [1024 * KIB, 1024 * KIB, 64 * KIB]);
});

test('a user who has used up what pipes may hold gets none: two pages are not worth it', () => {
  const { open, pipes } = piping(Infinity, 8 * KIB);
  assert.equal(pipes.take(), undefined);
  assert.equal(open.size, 0);
});
