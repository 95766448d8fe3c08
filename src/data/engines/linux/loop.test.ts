import assert from 'node:assert/strict';
import { beforeEach, describe, test, type TestContext } from 'node:test';
import { impatient } from '../../../../test/helpers/sockets/relayed.ts';
import { READABLE } from './event-list.ts';
import { loadLibc } from './libc.ts';
import { Timer } from './timer-wheel.ts';
import { whyNoEpoll } from '../epoll/engine.ts';
import { Loop } from './loop.ts';

const reason = whyNoEpoll();

/** The loop takes 512 events at once. */
const MORE_THAN_ONE_LIST = 1200;

describe('the loop', { skip: reason ?? false }, () => {
  const libc = reason === undefined ? loadLibc() : (undefined as never);

  beforeEach((t) => impatient(t as TestContext));

  /** An eventfd that is readable. */
  function ready(): number {
    const fd = libc.eventCounter();
    libc.wake(fd);
    return fd;
  }

  test('tells each watcher what happened at its descriptor, once for each change', () => {
    const loop = new Loop(libc);
    const heard: string[] = [];
    const fds = ['one', 'other'].map((name) => {
      const fd = ready();
      assert(loop.watch(fd, READABLE, { happened: (events) => heard.push(`${name} ${events}`) }));
      return fd;
    });
    loop.defer(() => {});
    loop.iterate();
    assert.deepEqual(heard.toSorted(), [`one ${READABLE}`, `other ${READABLE}`]);
    loop.defer(() => {});
    loop.iterate();
    assert.equal(heard.length, 2);
    for (const fd of fds) libc.close(fd);
  });

  test('what is watched stays watched when a descriptor comes that the tables had no room for', () => {
    const loop = new Loop(libc);
    const counter = libc.eventCounter();
    const told: number[] = [];
    assert(loop.watch(counter, READABLE, { happened: (events) => told.push(events) }));
    assert(!loop.watch(100_000, READABLE, { happened: () => {} }), 'there is no such descriptor');
    libc.wake(counter);
    loop.iterate();
    assert.deepEqual(told, [READABLE]);
    libc.close(counter);
  });

  test('an event for a descriptor that was closed in the same iteration does not reach its successor', () => {
    const loop = new Loop(libc);
    const heard: string[] = [];
    const fds = [ready(), ready()];
    let reused = -1;
    // Whichever comes first closes the other, whose event is in the list already, and opens a new one in its place.
    const watch = (mine: number, others: number) =>
      loop.watch(mine, READABLE, {
        happened() {
          heard.push('first');
          if (reused >= 0) return;
          loop.forget(others);
          libc.close(others);
          reused = libc.eventCounter();
          assert.equal(reused, others, 'the kernel gives the lowest number that is free');
          loop.watch(reused, READABLE, { happened: () => heard.push('stale') });
        },
      });
    const [one = -1, other = -1] = fds;
    watch(one, other);
    watch(other, one);
    loop.iterate();
    assert.deepEqual(heard, ['first']);
    libc.wake(reused);
    loop.iterate();
    assert.deepEqual(heard, ['first', 'stale'], 'and its own do');
    for (const fd of fds) libc.close(fd);
  });

  test('a forgotten watch hears nothing more', () => {
    const loop = new Loop(libc);
    const fd = ready();
    loop.watch(fd, READABLE, { happened: () => assert.fail('told after unwatch') });
    loop.unwatch(fd);
    loop.defer(() => {});
    loop.iterate();
    libc.close(fd);
  });

  test('what yields is resumed in the next iteration, after the events; what is deferred runs at the end of this one', () => {
    const loop = new Loop(libc);
    const order: string[] = [];
    const fd = ready();
    loop.watch(fd, READABLE, { happened: () => order.push('event') });
    loop.yield({
      resume() {
        order.push('again');
        loop.defer(() => {
          order.push('later');
          loop.defer(() => order.push('latest'));
        });
        if (order.length < 4) loop.yield({ resume: () => order.push('next iteration') });
      },
    });
    loop.iterate();
    assert.deepEqual(order, ['event', 'again', 'later', 'latest']);
    loop.iterate();
    assert.equal(order.at(-1), 'next iteration');
    libc.close(fd);
  });

  test('what yields while events are told waits for the next iteration', () => {
    const loop = new Loop(libc);
    const fd = ready();
    let goes = 0;
    const busy = {
      resume() {
        goes += 1;
        loop.yield(busy);
      },
    };
    loop.watch(fd, READABLE, { happened: () => loop.yield(busy) });
    const seen = [0, 1, 2, 3].map(() => {
      loop.iterate();
      return goes;
    });
    assert.deepEqual(seen, [0, 1, 2, 3]);
    libc.close(fd);
  });

  test('a timer bounds its wait, and wakes it', (t) => {
    const loop = new Loop(libc);
    const wait = t.mock.method(libc, 'wait', libc.wait.bind(libc));
    const timer = new Timer(() => {});
    const at = loop.now + 30;
    loop.set(timer, at);
    while (timer.isSet) loop.iterate();
    assert(loop.now >= at);
    const waits = wait.mock.calls.map(({ arguments: [, , timeoutMs] }) => timeoutMs);
    const said = `waits of ${waits.join(', ')} ms`;
    assert.equal(waits.pop(), 0, `${said}: what came until it was due is told before`);
    assert(waits.length < 5 && waits.every((ms) => ms > 0 && ms < 100), said);
  });

  test('a timer that came due while the thread stood still acts after all is told that came meanwhile', () => {
    const loop = new Loop(libc);
    let told = 0;
    let toldBefore = -1;
    const timer = new Timer(() => (toldBefore = told));
    loop.set(timer, loop.now + 1);
    loop.defer(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60));
    loop.iterate();
    const fds = Array.from({ length: MORE_THAN_ONE_LIST }, ready);
    for (const fd of fds) assert(loop.watch(fd, READABLE, { happened: () => (told += 1) }));
    while (timer.isSet) loop.iterate();
    assert.equal(toldBefore, fds.length);
    for (const fd of fds) libc.close(fd);
  });

  test('without a timer it waits for ever', (t) => {
    const loop = new Loop(libc);
    const wait = t.mock.method(libc, 'wait', () => 0);
    loop.iterate();
    assert.deepEqual(wait.mock.calls[0]?.arguments[2], -1);
  });

  test('counters report once after a while, and again only when they count again', () => {
    const loop = new Loop(libc);
    let reports = 0;
    const counted = { listIndex: -1, report: () => (reports += 1) };
    loop.counts(counted);
    loop.counts(counted);
    const gone = { listIndex: -1, report: () => assert.fail('reported after it had') };
    loop.counts(gone);
    loop.hasCounted(gone);
    while (reports === 0) loop.iterate();
    loop.defer(() => {});
    loop.iterate();
    assert.equal(reports, 1);
  });
});
