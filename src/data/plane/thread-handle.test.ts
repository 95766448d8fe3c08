import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { startPlane, type TestPlane } from '../../../test/helpers/rigs/plane.ts';
import { REFUSING } from '../../../test/helpers/sockets/backends.ts';
import { eventually } from '../../../test/helpers/sockets/turns.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('what a thread was given for an earlier configuration is not kept until it ends', async (t) => {
  const running = await startPlane(t, { backends: [REFUSING], threads: 1 });
  const earlier = await applied(running);
  await applied(running);
  await eventually(() => {
    collectGarbage();
    return earlier.deref() === undefined;
  });
});

/** Applies the configuration once more. @returns a part of what the threads were sent */
async function applied(running: TestPlane): Promise<WeakRef<object>> {
  const deployment = running.deployment();
  await running.plane.apply([deployment]);
  return new WeakRef(deployment.snapshot.backends);
}
