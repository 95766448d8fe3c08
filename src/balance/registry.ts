import { type KindOf, registry } from '../config/schema/kind.ts';
import * as kinds from './kinds.ts';

/** Every way to choose a backend, by the name that `balance = "…"` gives it. */
export const balancers = registry(kinds);

export type BalanceKind = KindOf<typeof balancers>;
