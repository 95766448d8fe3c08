import assert from 'node:assert/strict';
import { EngineWorkers } from '../../helpers/processes/engine-workers.ts';
import { idleCpuShare } from '../../helpers/processes/idle.ts';
import { killWorker, workersStarted } from '../../helpers/processes/workers.ts';
import { echo, startBackend } from '../../helpers/sockets/backends.ts';
import { openDescriptors } from '../../helpers/sockets/kernel.ts';
import { eventually } from '../../helpers/sockets/turns.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

const WORKERS = 3;
const HOPS = 30_000;
/** Fewer than threads, so that those are falling asleep and waking up all the time. */
const TOKENS = 2;
const MANY = 10_000;

/** Threads that wake each other. Whoever is called passes tokens on; a call that is lost leaves one lying. */
export function calls(check: Check, { kind }: EngineUnderTest): void {
  check('no call is lost, also as a thread goes to sleep; and then all sleep', async (t) => {
    const workers = new EngineWorkers(t, kind, WORKERS);
    const [first] = await Promise.all([0, 1, 2].map((index) => workers.start(index)));
    workers.allow(HOPS);
    first!.order({ type: 'put', at: 1, tokens: TOKENS });
    await workers.rest(TOKENS);
    const share = await idleCpuShare();
    assert(share < 0.5, `uses ${share} of a processor with nothing to do`);
  });

  check('the last of many calls is answered, of another thread or its own', async (t) => {
    const workers = new EngineWorkers(t, kind, 2);
    const [first] = await Promise.all([0, 1].map((index) => workers.start(index)));
    for (const at of [0, 1]) {
      workers.allow(0);
      first!.order({ type: 'put', at, tokens: MANY });
      await workers.rest(MANY);
    }
  });

  check('a call to a dead thread reaches its successor, and meanwhile no thread', async (t) => {
    const workers = new EngineWorkers(t, kind, WORKERS);
    const [first, second] = await Promise.all([0, 1, 2].map((index) => workers.start(index)));
    await second!.kill();
    workers.allow(0);
    for (const at of [1, 2]) first!.order({ type: 'put', at, tokens: 1 });
    await workers.rest(1);
    assert.deepEqual([workers.lyingAt(1), workers.lyingAt(2)], [1, 0]);
    await workers.start(1);
    await workers.rest(2);
    workers.allow(HOPS);
    first!.order({ type: 'put', at: 1, tokens: TOKENS });
    await workers.rest(TOKENS);
  });

  check('after a stop all descriptors are back, also where a thread had died', async (t, start) => {
    const backend = await startBackend(t, echo);
    const before = openDescriptors();
    const workers = workersStarted(t);
    const plane = await start({ backends: [backend.address], threads: 2 });
    const { length } = workers;
    await killWorker(workers[0], () => plane.plane.publish(1, plane.deployment().snapshot)); // wakes all
    await eventually(() => workers.length > length);
    await plane.plane.stop();
    await eventually(() => openDescriptors() <= before);
  });
}
