import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { impatient } from '../../../../test/helpers/relayed.ts';
import { createEpollEngine, tetherEpollThread, whyNoEpoll } from './engine.ts';
import { loadLibc } from './libc.ts';

const skip = whyNoEpoll() ?? false;
const BUDGET = { shared: new SharedArrayBuffer(8), crew: new SharedArrayBuffer(8), held: new SharedArrayBuffer(4) };

/** What is logged where a wake-up is missed: then timers end the wait for it. */
const MANY = 50;

function isOpen(fd: number): boolean {
  return existsSync(`/proc/self/fd/${fd}`);
}

test('what a thread left open is closed when its leash is released', { skip }, () => {
  const libc = loadLibc();
  const leash = tetherEpollThread();
  const { wake, opened } = leash.tether;
  const ours = libc.eventCounter();
  createEpollEngine(BUDGET, leash.tether);
  const theirs = [libc.socket('ipv4'), libc.eventCounter()];
  libc.trackIn(new Uint8Array(0));
  assert([ours, wake, ...theirs].every(isOpen));
  leash.release();
  assert.deepEqual([ours, wake, ...theirs].map(isOpen), [true, false, false, false]);
  assert.equal(new Uint8Array(opened)[ours], 0);
  libc.close(ours);
});

test('a woken thread runs what it was woken for, and its timers, until it is stopped', { skip }, (t) => {
  impatient(t);
  const leash = tetherEpollThread();
  const engine = createEpollEngine(BUDGET, leash.tether);
  const log: string[] = [];
  engine.every(20, () => {
    log.push('tick');
    if (log.length === 4) leash.wake();
    if (log.length === MANY) engine.takeover?.stop();
  });
  leash.wake();
  engine.takeover?.run(() => {
    log.push('woken');
    if (log.length > 1) engine.takeover?.stop();
  });
  assert.deepEqual(log, ['woken', 'tick', 'tick', 'tick', 'woken']);
  leash.release();
});

test('a timer that is cancelled runs no more', { skip }, (t) => {
  impatient(t);
  const leash = tetherEpollThread();
  const engine = createEpollEngine(BUDGET, leash.tether);
  let runs = 0;
  const cancelled = engine.every(20, () => {
    runs += 1;
    cancelled.cancel();
  });
  engine.every(100, () => engine.takeover?.stop());
  engine.takeover?.run(() => assert.fail('nobody woke it'));
  assert.equal(runs, 1);
  leash.release();
});

test('an engine that nobody could wake is not made', () => {
  assert.throws(() => createEpollEngine(BUDGET, undefined), TypeError);
});
