import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { untilAborted } from './until-aborted.ts';

/** Work that the test ends, and how it was undone. */
function working(signal: AbortSignal) {
  const undone: boolean[] = [];
  let resolve: (value: string) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = untilAborted<string>(signal, 'not done', (done, failed) => {
    [resolve, reject] = [done, failed];
    return (hasFailed) => undone.push(hasFailed);
  });
  return { promise, undone, resolve: (value: string) => resolve(value), reject: (error: Error) => reject(error) };
}

test('whatever comes first settles it, is undone once, and leaves no listener', async () => {
  for (const first of ['resolve', 'reject', 'abort'] as const) {
    const controller = new AbortController();
    const work = working(controller.signal);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
    const steps = {
      resolve: () => work.resolve('done'),
      reject: () => work.reject(new Error('failed')),
      abort: () => controller.abort(),
    };
    steps[first]();
    for (const step of Object.values(steps)) step();
    if (first === 'resolve') assert.equal(await work.promise, 'done');
    else await assert.rejects(work.promise, { message: first === 'abort' ? 'not done' : 'failed' });
    assert.deepEqual(work.undone, [first !== 'resolve']);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  }
});

test('work that comes too late is not begun, and one that cannot begin fails', async () => {
  const begun = untilAborted(AbortSignal.abort(), 'not done', () => assert.fail());
  await assert.rejects(begun, { message: 'not done' });
  const broken = untilAborted(new AbortController().signal, 'not done', () => {
    throw new Error('cannot');
  });
  await assert.rejects(broken, { message: 'cannot' });
});
