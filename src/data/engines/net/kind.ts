import { defineEngine } from '../common/engine-kind.ts';
import { netWakers } from './calls.ts';
import { createNetEngine } from './engine.ts';

/** Node's own sockets. */
export const net = defineEngine({
  kind: 'net',
  autoRank: 2,
  create: createNetEngine,
  wakers: netWakers,
  capabilities: {},
});
