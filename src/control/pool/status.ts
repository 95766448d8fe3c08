import { addressText, type NamedAddress } from '../../core/address.ts';
import type { BackendStatus, UnavailableReason } from '../../core/backend-status.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import type { BackendHistory } from './backend-history.ts';
import type { Backend } from './backend.ts';
import type { HealthGate } from './health-gate.ts';
import type { OutlierEjection } from './outlier-ejection.ts';
import type { Rotation } from './rotation.ts';
import type { SlowStart } from './slow-start.ts';

export interface StatusParts {
  readonly ledger: ServerLedger;
  readonly history: BackendHistory;
  readonly healthGate: HealthGate;
  readonly outliers: OutlierEjection;
  readonly slowStart: SlowStart;
  readonly rotation: Rotation;
}

/** The one place that says what a backend is now, and why it is not available. */
export class BackendStatuses {
  readonly #parts: StatusParts;

  constructor(parts: StatusParts) {
    this.#parts = parts;
  }

  /** Why a backend gets no clients; undefined for one that does. The first reason that applies is the one. */
  unavailableReason(backend: Backend): UnavailableReason | undefined {
    const { rotation, outliers } = this.#parts;
    if (!backend.isDiscovered) return 'removed';
    if (backend.state !== 'enabled') return backend.state;
    if (!rotation.isServing(backend)) return 'down';
    if (backend.addresses === undefined) return 'unresolved';
    return outliers.isEjected(backend) ? 'ejected' : undefined;
  }

  of(backend: Backend): BackendStatus {
    const { ledger, history, healthGate, outliers, slowStart } = this.#parts;
    const { key, spec, override, state, weight, maxConnections, isDynamic } = backend;
    const reason = this.unavailableReason(backend);
    const health = backend.health === undefined ? undefined : healthGate.latest(backend);
    const probeInMs = outliers.probeInMs(backend);
    const totals = ledger.backendTotals(backend.slot);
    const { changedAt, since, downs } = history.of(backend);
    return {
      key,
      ...partsOf(spec.target),
      addresses: (backend.addresses ?? []).map(addressText),
      state,
      isStateOverridden: override.state !== undefined,
      ...(reason !== undefined && { obstacle: reason }),
      ...(health !== undefined && { health }),
      ...(probeInMs !== undefined && { probeInMs }),
      active: totals.active,
      priority: spec.priority,
      ...(spec.sni !== undefined && { sni: spec.sni }),
      ...(spec.alpn !== undefined && { alpn: spec.alpn }),
      ...(spec.sendProxy !== undefined && { sendProxy: spec.sendProxy }),
      weight,
      maxConnections,
      isWeightOverridden: override.weight !== undefined,
      isMaxConnectionsOverridden: override.maxConnections !== undefined,
      isDynamic,
      warmupFactor: slowStart.warmupFactor(backend),
      totals,
      changedAt,
      since,
      downs,
    };
  }
}

function partsOf(target: NamedAddress): { readonly host: string; readonly port: string } {
  return 'path' in target ? { host: target.path, port: '' } : { host: target.host, port: String(target.port) };
}
