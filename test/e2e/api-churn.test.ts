import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { churnUnderTraffic } from '../helpers/processes/churn.ts';

const skip = !existsSync('/proc/self/fd') && 'no /proc here';

test('servers come, change and go through the API under traffic, and nothing of them stays', { skip }, async (t) => {
  await churnUnderTraffic(t, { servers: 25, rounds: 2 });
});
