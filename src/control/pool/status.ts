import type { BackendStatus, Obstacle } from '../../core/control.ts';
import type { Health } from '../../core/healthcheck.ts';
import type { Backend } from './backend.ts';

/** What others know of a backend. */
export interface Circumstances {
  /** As last checked. */
  readonly health: Health | undefined;
  readonly isServing: boolean;
  readonly asideMs: number | undefined;
  readonly active: number;
  readonly share: number;
}

/** What the pool knows of one backend. */
export type PoolStatus = Omit<
  BackendStatus,
  'host' | 'port' | 'isWeightByHand' | 'isMaxConnectionsByHand' | 'isAdded' | 'totals' | 'changedAt' | 'since' | 'downs'
>;

export function statusOf(backend: Backend, circumstances: Circumstances): PoolStatus {
  const { health, asideMs, active, share } = circumstances;
  const { priority, weight, maxConnections } = backend.spec;
  const obstacle = obstacleOf(backend, circumstances);
  return {
    key: backend.key,
    state: backend.state,
    isStateByHand: backend.stateByHand !== undefined,
    ...(obstacle !== undefined && { obstacle }),
    ...(health !== undefined && { health }),
    ...(asideMs !== undefined && { asideMs }),
    active,
    priority,
    weight,
    maxConnections,
    share,
  };
}

function obstacleOf(backend: Backend, { isServing, asideMs }: Circumstances): Obstacle | undefined {
  const { isDiscovered, state, addresses } = backend;
  if (!isDiscovered) return 'unlisted';
  if (state !== 'enabled') return state;
  if (!isServing) return 'down';
  if (addresses === undefined) return 'unresolved';
  return asideMs === undefined ? undefined : 'aside';
}
