import assert from 'node:assert/strict';
import { test } from 'node:test';

import { churnUnderTraffic } from '../helpers/churn.ts';

/** What the collector may leave lying between two rounds; 115 KB kept for each of their changes would be more. */
const MOST_GROWTH_MIB = 60;

test('200 servers come, change and go through the API under traffic, and nothing of them stays', async (t) => {
  const { connections, growthMib } = await churnUnderTraffic(t, { servers: 200, rounds: 3 });
  t.diagnostic(`${connections} connections through two other servers, none lost; RSS ${growthMib.toFixed(1)} MiB more`);
  assert.ok(growthMib < MOST_GROWTH_MIB, `${growthMib.toFixed(1)} MiB more`);
});
