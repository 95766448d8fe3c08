import { addressText } from '../core/address.ts';
import type { ServerStatus } from '../core/control.ts';
import { HISTOGRAM_BOUNDS, type Histogram, type HistogramName, type ServerTotals } from '../core/totals.ts';
import type { ServerLedger } from '../ledger/server-ledger.ts';
import { engineOf } from './engine.ts';
import type { Listeners } from './listeners.ts';
import type { Unit } from './unit.ts';

/** A server as those see it who look on. */
export function serverStatus(unit: Unit, listeners: Listeners): ServerStatus {
  const { config, ledger, since, binds } = unit;
  return {
    name: config.name,
    protocol: 'tcp',
    balance: config.balance,
    engine: engineOf(config),
    binds: config.binds.map(addressText),
    addresses: binds.map((bind) => listeners.addressOf(bind)),
    maxConnections: config.maxConnections,
    queueSize: config.queue.size,
    totals: totalsOf(ledger),
    since,
  };
}

function totalsOf(ledger: ServerLedger): ServerTotals {
  const totals = ledger.serverTotals();
  return { ...totals, peak: totals.active, histograms: EMPTY_HISTOGRAMS };
}

const EMPTY_HISTOGRAMS = Object.fromEntries(
  Object.entries(HISTOGRAM_BOUNDS).map(([name, bounds]) => [
    name,
    { counts: [...bounds, Infinity].map(() => 0), sum: 0 },
  ]),
) as unknown as Readonly<Record<HistogramName, Histogram>>;
