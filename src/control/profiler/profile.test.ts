import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';

import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { type Clock, systemClock } from '../../core/clock.ts';
import { type InspectedThread, inspectThread } from './inspected-thread.ts';
import { type ProfileKind, takeProfile } from './profile.ts';

/** One that keeps the process of the test alive. */
const CLOCK: Clock = {
  ...systemClock,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

const MAIN = 'main';
const NEVER = new AbortController().signal;

/** A worker that never comes back to its event loop, as a data-plane thread of an engine that owns its thread. */
const OWN_LOOP = `
  const { parentPort, workerData } = require('node:worker_threads');
  function carryBytes() { for (const end = performance.now() + 5; performance.now() < end; ) JSON.stringify({ a: [1] }); }
  parentPort.postMessage('runs');
  while (Atomics.load(workerData, 0) === 0) { carryBytes(); Atomics.wait(workerData, 1, 0, 5); }
`;

async function dataThread(t: TestContext, number: number): Promise<Worker> {
  const word = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(OWN_LOOP, { eval: true, name: `tslb data ${number}`, workerData: word });
  t.after(async () => {
    Atomics.store(word, 0, 1);
    await worker.terminate();
  });
  await once(worker, 'message');
  return worker;
}

async function inspected(t: TestContext, thread: 'main' | number): Promise<InspectedThread> {
  const found = await inspectThread(thread, () => undefined);
  assert.ok(found);
  t.after(() => found.close());
  return found;
}

async function taken(thread: InspectedThread, kind: ProfileKind, watchMs: number): Promise<Record<string, unknown>> {
  const parts = await takeProfile(thread, kind, { clock: CLOCK, watchMs, signal: NEVER });
  return JSON.parse(parts.join('')) as Record<string, unknown>;
}

for (const name of [MAIN, 41] as const) {
  test(`a profile of each kind is taken of ${name === MAIN ? 'the main thread' : 'a thread with a loop of its own'}`, async (t) => {
    if (name !== MAIN) await dataThread(t, name);
    const thread = await inspected(t, name);
    const cpu = await taken(thread, 'cpu', 30);
    assert.deepEqual(Object.keys(cpu).sort(), ['endTime', 'nodes', 'samples', 'startTime', 'timeDeltas']);
    if (name !== MAIN) assert.match(JSON.stringify(cpu['nodes']), /"functionName":"carryBytes"/);
    assert.ok('head' in (await taken(thread, 'heap', 1)));
    const { snapshot } = await taken(thread, 'snapshot', 0);
    assert.ok((snapshot as { node_count: number }).node_count > 1_000);
  });
}

test('a thread is found by its number alone', async (t) => {
  await dataThread(t, 42);
  assert.equal(await inspectThread(4, () => undefined), undefined);
  assert.equal(await inspectThread(142, () => undefined), undefined);
});

test('a thread that ends meanwhile ends the profile with a reason', async (t) => {
  const worker = await dataThread(t, 43);
  const thread = await inspected(t, 43);
  const watching = new AbortController();
  const profile = takeProfile(thread, 'cpu', { clock: systemClock, watchMs: 60_000, signal: watching.signal });
  const refused = assert.rejects(profile, /^Error: the thread has ended$/);
  await worker.terminate();
  watching.abort();
  await refused;
});

test('a thread that does not answer is given up after five seconds', async () => {
  const clock = new FakeClock();
  const silent: InspectedThread = {
    ask: () => new Promise(() => undefined),
    onSnapshotPart: () => undefined,
    close: () => undefined,
  };
  const profile = takeProfile(silent, 'cpu', { clock, watchMs: 10_000, signal: NEVER });
  const refused = assert.rejects(profile, { code: 'TSLB_THREAD_SILENT', statusCode: 504 });
  await turn();
  clock.advance(5_000);
  await refused;
  assert.equal(clock.timers, 0);
});

test('a snapshot of a large heap is taken only when that is asked for', async () => {
  const thread: InspectedThread = {
    ask: async (method) => (method === 'Runtime.getHeapUsage' ? { usedSize: 312_000_000 } : {}),
    onSnapshotPart: (told) => told('{}'),
    close: () => undefined,
  };
  const taking = { clock: new FakeClock(), watchMs: 0, signal: NEVER };
  await assert.rejects(takeProfile(thread, 'snapshot', taking), {
    statusCode: 409,
    message: /^the heap of the thread has 312 MB: .* add anyway=1$/,
  });
  assert.deepEqual(await takeProfile(thread, 'snapshot', { ...taking, anyway: true }), ['{}']);
});

test('one that is ended early watches no longer', async () => {
  const clock = new FakeClock();
  const asked: string[] = [];
  const thread: InspectedThread = {
    ask: async (method) => (asked.push(method), { profile: {} }),
    onSnapshotPart: () => undefined,
    close: () => undefined,
  };
  const profile = takeProfile(thread, 'heap', { clock, watchMs: 60_000, signal: AbortSignal.abort() });
  assert.deepEqual(await profile, ['{}']);
  assert.deepEqual(asked, ['HeapProfiler.startSampling', 'HeapProfiler.stopSampling']);
  assert.equal(clock.timers, 0);
});
