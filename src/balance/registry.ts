import { type KindOf, registry } from '../config/schema/kind.ts';
import { consistent } from './consistent.ts';
import { iphash } from './iphash.ts';
import { iphash1 } from './iphash1.ts';
import { leastbandwidth } from './leastbandwidth.ts';
import { leastconn } from './leastconn.ts';
import { random2 } from './random2.ts';
import { roundrobin } from './roundrobin.ts';
import { weight } from './weight.ts';

/** Every way to choose a backend, by the name that `balance = "…"` gives it. */
export const balancers = registry([
  consistent,
  iphash,
  iphash1,
  leastbandwidth,
  leastconn,
  random2,
  roundrobin,
  weight,
]);

export type BalanceKind = KindOf<typeof balancers>;
