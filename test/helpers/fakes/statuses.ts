import type { BackendStatus } from '../../../src/core/backend-status.ts';
import { CAUSE_CODES } from '../../../src/core/cause.ts';
import { DATAGRAM_DROPS } from '../../../src/core/datagrams.ts';
import { HELLO_OUTCOMES } from '../../../src/core/server-names.ts';
import type { ServerStatus } from '../../../src/core/server-status.ts';
import { HISTOGRAM_BOUNDS, type ServerTotals } from '../../../src/core/totals.ts';

export const NO_DATAGRAMS = { rxDatagrams: 0, txDatagrams: 0 };
export const NO_HELLOS = Object.fromEntries(HELLO_OUTCOMES.map((each) => [each, 0])) as ServerTotals['hellos'];
export const NO_DROPS = Object.fromEntries(DATAGRAM_DROPS.map((why) => [why, 0])) as ServerTotals['drops'];

/** A server at which nothing has happened. */
export function serverStatus(name: string): ServerStatus {
  return {
    name,
    protocol: 'tcp',
    balance: 'weight',
    engine: 'net',
    binds: ['127.0.0.1:0'],
    addresses: ['127.0.0.1:5000'],
    maxConnections: 0,
    queueSize: 0,
    totals: serverTotals(),
    since: 0,
  };
}

/** A backend at which nothing has happened. */
export function backendStatus(key: string): BackendStatus {
  const colon = key.lastIndexOf(':');
  return {
    key,
    host: key.slice(0, colon),
    port: key.slice(colon + 1),
    addresses: [key],
    state: 'enabled',
    isStateOverridden: false,
    active: 0,
    priority: 1,
    weight: 1,
    maxConnections: 0,
    isWeightOverridden: false,
    isMaxConnectionsOverridden: false,
    isDynamic: false,
    warmupFactor: 1,
    totals: { active: 0, peak: 0, total: 0, refused: 0, retried: 0, rx: 0, tx: 0, ...NO_DATAGRAMS },
    changedAt: 0,
    since: 0,
    downs: 0,
  };
}

function serverTotals(): ServerTotals {
  const counters = {
    accepted: 0,
    denied: 0,
    overClientLimit: 0,
    overClientRate: 0,
    noBackend: 0,
    noResources: 0,
    queued: 0,
    connected: 0,
    refused: 0,
    retried: 0,
  };
  const histograms = Object.entries(HISTOGRAM_BOUNDS).map(([name, bounds]) => [
    name,
    { counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 },
  ]);
  return {
    active: 0,
    waiting: 0,
    peak: 0,
    ...counters,
    rx: 0,
    tx: 0,
    ...NO_DATAGRAMS,
    drops: NO_DROPS,
    hellos: NO_HELLOS,
    causes: Object.fromEntries(CAUSE_CODES.map((cause) => [cause, 0])) as ServerTotals['causes'],
    histograms: Object.fromEntries(histograms) as ServerTotals['histograms'],
  };
}
