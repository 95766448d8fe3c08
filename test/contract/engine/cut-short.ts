import assert from 'node:assert/strict';
import type { EngineKind } from '../../../src/data/engines/registry.ts';
import { startPairs, type Pairs } from '../../helpers/sockets/pairs.ts';
import type { Check } from '../engine.ts';

interface Begun {
  /** As the name of the case has it: `waiting`. */
  readonly what: string;
  /** Begins it with pair 0. */
  readonly begin: (pairs: Pairs) => void;
}

const ENDS = [
  ['close', 'FIN'],
  ['reset', 'ECONNRESET'],
] as const;

/** What has begun with a client is over with a close or a reset of its pair, and tells nothing but that. */
export function cutShort(check: Check, kind: EngineKind, { what, begin }: Begun): void {
  for (const [type, end] of ENDS) {
    check(`a ${type} ends the ${what}, as it ends anything else`, async (t) => {
      const pairs = await startPairs(t, kind);
      const client = await pairs.accept();
      begin(pairs);
      pairs.order({ type, pair: 0 });
      assert.equal(await pairs.ended(0), 'cut');
      await client.until('an end', () => client.hasEnded);
      client.socket.destroy();
      assert.equal((await client.closed()).end, end);
      assert.deepEqual(pairs.sights(0), []);
    });
  }
}
