import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { impatient } from '../../../../test/helpers/sockets/relayed.ts';
import { loadLibc } from '../linux/libc.ts';
import { eventfdWakers } from '../linux/wakers.ts';
import { createEpollEngine, epollLifeline, whyNoEpoll } from './engine.ts';

const skip = whyNoEpoll() ?? false;

/** What is logged where a wake-up is missed: then timers end the wait for it. */
const MANY = 50;

const descriptors = {
  shared: new SharedArrayBuffer(8),
  workers: new SharedArrayBuffer(8),
  held: new SharedArrayBuffer(4),
};

/** An engine in this thread, and the main thread's end of it. */
function engineOnLifeline(t: TestContext) {
  const wakers = eventfdWakers(1);
  wakers.install(0);
  t.after(() => wakers.close());
  const worker = { index: 0, wakers: wakers.memory };
  const lifeline = epollLifeline(worker);
  return { lifeline, engine: createEpollEngine({ descriptors, worker, fdLedger: lifeline.fdLedger }) };
}

function isOpen(fd: number): boolean {
  return existsSync(`/proc/self/fd/${fd}`);
}

test('what a thread left open is closed when its lifeline is released', { skip }, (t) => {
  const libc = loadLibc();
  const ours = libc.eventCounter();
  const { lifeline } = engineOnLifeline(t);
  const theirs = [libc.socket('ipv4'), libc.eventCounter()];
  libc.trackIn(new Uint8Array(0));
  assert([ours, ...theirs].every(isOpen));
  lifeline.release();
  assert.deepEqual([ours, ...theirs].map(isOpen), [true, false, false]);
  assert.equal(new Uint8Array(lifeline.fdLedger.opened)[ours], 0);
  libc.close(ours);
});

test('a woken thread runs what it was woken for, and its timers, until it is stopped', { skip }, (t) => {
  impatient(t);
  const { lifeline, engine } = engineOnLifeline(t);
  const log: string[] = [];
  engine.every(20, () => {
    log.push('tick');
    if (log.length === 4) lifeline.wake();
    if (log.length === MANY) engine.takeover?.stop();
  });
  lifeline.wake();
  engine.takeover?.run(() => {
    log.push('woken');
    if (log.length > 1) engine.takeover?.stop();
  });
  assert.deepEqual(log, ['woken', 'tick', 'tick', 'tick', 'woken']);
  lifeline.release();
});

test('a timer that is cancelled runs no more', { skip }, (t) => {
  impatient(t);
  const { lifeline, engine } = engineOnLifeline(t);
  let runs = 0;
  const cancelled = engine.every(20, () => {
    runs += 1;
    cancelled.cancel();
  });
  engine.every(100, () => engine.takeover?.stop());
  engine.takeover?.run(() => assert.fail('nobody woke it'));
  assert.equal(runs, 1);
  lifeline.release();
});

test('an engine without an fd ledger is not made', () => {
  const worker = { index: 0, wakers: new SharedArrayBuffer(4) };
  assert.throws(() => createEpollEngine({ descriptors, worker, fdLedger: undefined }), TypeError);
});
