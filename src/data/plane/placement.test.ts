import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EngineKind } from '../engines/registry.ts';
import { bindsOf, isShort, place, type Placement, type WantedBind } from './placement.ts';

/** Threads as names: `net1`, `epoll2`. */
function workersOf(most: number, ...present: readonly string[]) {
  const threads = [...present];
  const of = (engine: EngineKind) => threads.filter((name) => name.startsWith(engine));
  const spawn = (engine: EngineKind): string => {
    const name = `${engine}${threads.length + 1}`;
    threads.push(name);
    return name;
  };
  return { most, of, spawn };
}

function wanting(engine: EngineKind, ...ports: readonly number[]): readonly WantedBind[] {
  return bindsOf([{ name: 'web', engine, binds: ports.map((port) => ({ ip: '127.0.0.1', port })) }]);
}

function at(places: Placement<string>): Record<string, readonly string[]> {
  return Object.fromEntries([...places].map(([bind, threads]) => [bind.replace(/.*:/, ''), threads]));
}

test('where threads share a listener, each of them has every bind', () => {
  const places = place(wanting('epoll', 80, 81), new Map(), workersOf(2));
  assert.deepEqual(at(places), { 80: ['epoll1', 'epoll2'], 81: ['epoll1', 'epoll2'] });
});

test('a thread that takes a dead one’s place has every bind, too', () => {
  const workers = workersOf(2, 'epoll1');
  const current = new Map([['127.0.0.1:80', ['epoll1']]]);
  assert.ok(isShort(wanting('epoll', 80), current, 2));
  const places = place(wanting('epoll', 80), current, workers);
  assert.deepEqual(at(places), { 80: ['epoll1', 'epoll2'] });
  assert.ok(!isShort(wanting('epoll', 80), places, 2));
});

test('where they cannot, a bind stays on its thread, and a new one goes to the thread with the fewest', () => {
  const current = new Map([
    ['127.0.0.1:80', ['net1']],
    ['127.0.0.1:81', ['net2']],
  ]);
  const workers = workersOf(2, 'net1', 'net2');
  assert.deepEqual(at(place(wanting('net', 82, 81, 83, 80), current, workers)), {
    80: ['net1'],
    81: ['net2'],
    82: ['net1'],
    83: ['net2'],
  });
  assert.deepEqual(at(place(wanting('net', 81, 82), current, workers)), { 81: ['net2'], 82: ['net1'] });
});

test('threads are spawned up to as many as there may be, of each engine', () => {
  const workers = workersOf(2);
  const places = place([...wanting('net', 80, 81, 82), ...wanting('epoll', 90)], new Map(), workers);
  const [epoll, net] = [workers.of('epoll'), workers.of('net')];
  assert.deepEqual([epoll.length, net.length], [2, 2]);
  assert.deepEqual(at(places), { 80: [net[0]], 81: [net[1]], 82: [net[0]], 90: epoll });
});

test('a bind without its thread is short of one', () => {
  const wanted = wanting('net', 80, 81);
  const current = new Map([
    ['127.0.0.1:80', ['net1']],
    ['127.0.0.1:81', []],
  ]);
  assert.ok(isShort(wanted, current, 4));
  assert.ok(!isShort(wanted, new Map([...current, ['127.0.0.1:81', ['net1']]]), 4));
});
