import { type OrphanedOverride, backendWord } from '../../../core/backend-status.ts';
import type { Health } from '../../../core/healthcheck.ts';
import type { BackendStats, Rates } from '../../../core/stats.ts';
import type { OrphanedOverrideJson, BackendJson, RatesJson } from '../../../wire/v1/backend.ts';
import { momentText } from './moment.ts';
import { rounded } from './rounded.ts';

export function backendJson(backend: BackendStats): BackendJson {
  const {
    key,
    host,
    port,
    addresses,
    state,
    obstacle,
    health,
    probeInMs,
    priority,
    weight,
    maxConnections,
    warmupFactor,
    totals,
  } = backend;
  return {
    key,
    host,
    port,
    addresses: [...addresses],
    status: backendWord(backend),
    state,
    state_override: backend.isStateOverridden,
    ...(obstacle !== undefined && { obstacle }),
    ...(health !== undefined && { health: healthJson(health) }),
    ...(probeInMs !== undefined && { probe_in_ms: rounded(probeInMs) }),
    active: backend.active,
    peak: totals.peak,
    total: totals.total,
    refused: totals.refused,
    retried: totals.retried,
    rx: totals.rx,
    tx: totals.tx,
    rx_datagrams: totals.rxDatagrams,
    tx_datagrams: totals.txDatagrams,
    priority,
    ...(backend.sni !== undefined && { sni: [...backend.sni] }),
    ...(backend.alpn !== undefined && { alpn: [...backend.alpn] }),
    ...(backend.sendProxy !== undefined && { send_proxy: backend.sendProxy }),
    weight,
    weight_override: backend.isWeightOverridden,
    max_connections: maxConnections,
    max_connections_override: backend.isMaxConnectionsOverridden,
    is_dynamic: backend.isDynamic,
    warmup_factor: warmupFactor,
    changed_at: momentText(backend.changedAt),
    since: momentText(backend.since),
    downs: backend.downs,
    rates: ratesJson(backend.rates),
  };
}

export function orphanedOverrideJson({ key, state, weight, maxConnections }: OrphanedOverride): OrphanedOverrideJson {
  return {
    key,
    ...(state !== undefined && { state }),
    ...(weight !== undefined && { weight }),
    ...(maxConnections !== undefined && { max_connections: maxConnections }),
  };
}

export function ratesJson({ connections, peakConnections, rx, tx }: Rates): RatesJson {
  return {
    connections: rounded(connections),
    peak_connections: rounded(peakConnections),
    rx: rounded(rx),
    tx: rounded(tx),
  };
}

function healthJson({ state, isLive, reason, consecutive, durationMs, checkedAt }: Health): BackendJson['health'] {
  return {
    state,
    live: isLive,
    reason,
    consecutive,
    duration_ms: rounded(durationMs),
    ...(checkedAt !== undefined && { checked_at: momentText(checkedAt) }),
  };
}
