import { addressText } from '../../core/address.ts';
import type { ServerStatus } from '../../core/server-status.ts';
import { engineOf } from './engine.ts';
import type { Listeners } from './listeners.ts';
import type { Server } from './server.ts';

/** A server as `Reading` shows it. */
export function serverStatus(server: Server, listeners: Listeners): ServerStatus {
  const { config, ledger, since, binds } = server;
  return {
    name: config.name,
    protocol: config.protocol,
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
