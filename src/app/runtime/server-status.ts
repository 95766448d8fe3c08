import { addressText } from '../../core/address.ts';
import type { ServerStatus } from '../../core/server-status.ts';
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
    maxConnections: config.limits.maxConnections,
    queueSize: config.limits.queue.size,
    totals: ledger.serverTotals(),
    since,
  };
}
