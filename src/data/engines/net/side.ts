import type { PairEnd } from '../../../core/engine.ts';
import { hasVanished } from './socket-end.ts';

export type Side = 'client' | 'backend';

export function otherOf(side: Side): Side {
  return side === 'client' ? 'backend' : 'client';
}

/** How a pair ends of which one side's socket has failed. @param code the system's */
export function lossOf(side: Side, code: string): PairEnd {
  return hasVanished(code) ? `${side}-dead` : `${side}-reset`;
}
