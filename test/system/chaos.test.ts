import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';

import { whyNoEngine } from '../../src/data/engines/registry.ts';
import { chaos } from '../chaos/chaos.ts';
import { checksOf, summaryOf } from '../chaos/report.ts';
import { whyNoNetns } from '../helpers/netns/why-no-netns.ts';

/** Both engines together. */
const MINUTES = Number(process.env['TSLB_CHAOS_MINUTES'] ?? 2);
/** Given, it makes a run's clients and troubles those of an earlier one. */
const SEED = Number(process.env['TSLB_CHAOS_SEED'] ?? randomInt(2 ** 31));

for (const engine of ['epoll', 'net'] as const) {
  test(
    `${engine}: hosts, links, names, ports and the clock fail, and all invariants hold`,
    { skip: whyNoEngine(engine) ?? whyNoNetns() },
    async (t) => {
      console.log(`\n${engine}, ${MINUTES / 2} minutes, TSLB_CHAOS_SEED=${SEED}`);
      const result = await chaos(t, { engine, durationMs: (MINUTES / 2) * 60_000, seed: SEED });
      console.log(summaryOf(result));
      const failures = checksOf(result).filter(({ failure }) => failure !== undefined);
      assert.deepEqual(failures.map(({ name, failure }) => `${name}: ${failure}`).join('\n'), '');
    },
  );
}
