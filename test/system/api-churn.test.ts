import assert from 'node:assert/strict';
import { test } from 'node:test';

import { churnUnderTraffic } from '../helpers/processes/churn.ts';

test('200 servers come, change and go through the API under traffic, and nothing of them stays', async (t) => {
  const { connections } = await churnUnderTraffic(t, { servers: 200, rounds: 3 });
  t.diagnostic(`${connections} connections through two other servers, none lost`);
  assert.ok(connections > 0);
});
