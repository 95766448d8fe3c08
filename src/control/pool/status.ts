import type { NamedAddress } from '../../core/address.ts';
import type { BackendStatus, UnavailableReason } from '../../core/backend-status.ts';
import type { Health } from '../../core/healthcheck.ts';
import type { BackendTotals } from '../../core/totals.ts';
import type { Annal } from './annals.ts';
import type { Backend } from './backend.ts';

/** What others know of a backend. */
export interface Circumstances {
  /** As last checked. */
  readonly health: Health | undefined;
  readonly isServing: boolean;
  /** Undefined where it is not ejected. */
  readonly probeInMs: number | undefined;
  readonly warmupFactor: number;
  readonly totals: BackendTotals;
  readonly annal: Annal;
}

export function statusOf(backend: Backend, circumstances: Circumstances): BackendStatus {
  const { health, probeInMs, warmupFactor, totals, annal } = circumstances;
  const { key, spec, override, state, weight, maxConnections, isDynamic } = backend;
  const obstacle = obstacleOf(backend, circumstances);
  return {
    key,
    ...partsOf(spec.target),
    state,
    isStateOverridden: override.state !== undefined,
    ...(obstacle !== undefined && { obstacle }),
    ...(health !== undefined && { health }),
    ...(probeInMs !== undefined && { probeInMs }),
    active: totals.active,
    priority: spec.priority,
    weight,
    maxConnections,
    isWeightOverridden: override.weight !== undefined,
    isMaxConnectionsOverridden: override.maxConnections !== undefined,
    isDynamic,
    warmupFactor,
    totals,
    changedAt: annal.changedAt,
    since: annal.since,
    downs: annal.downs,
  };
}

/** Why a backend gets no clients; nothing for one that does. */
export function obstacleOf(
  { isDiscovered, state, addresses }: Backend,
  { isServing, probeInMs }: Pick<Circumstances, 'isServing' | 'probeInMs'>,
): UnavailableReason | undefined {
  if (!isDiscovered) return 'removed';
  if (state !== 'enabled') return state;
  if (!isServing) return 'down';
  if (addresses === undefined) return 'unresolved';
  return probeInMs === undefined ? undefined : 'ejected';
}

function partsOf(target: NamedAddress): { readonly host: string; readonly port: string } {
  return 'path' in target ? { host: target.path, port: '' } : { host: target.host, port: String(target.port) };
}
