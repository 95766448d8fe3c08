import { backendsInFile, withBackendsInFile } from '../../control/discovery/registry.ts';
import { type ByHand, isNothing, listedBy } from '../../control/pool/by-hand.ts';
import { backendKey } from '../../core/backend.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Config } from '../config/config.ts';
import { byHandOf, type Overlay, serversOf } from './overlay.ts';

/** A configuration whose lists of backends say what holds by hand, as a file for another tslb would. */
export function withByHand(config: Config, overlay: Overlay): Config {
  const servers = new Map(serversOf(config.tables));
  for (const server of config.servers) {
    const table = servers.get(server.name);
    const byHand = byHandOf(overlay, server.name);
    if (table !== undefined && !isNothing(byHand)) servers.set(server.name, tableOf(table, byHand));
  }
  return { ...config, tables: { ...config.tables, servers: Object.fromEntries(servers) } };
}

function tableOf(table: JsonTable, byHand: ByHand): JsonTable {
  const discovery = table['discovery'] as JsonTable;
  const listed = backendsInFile(discovery);
  if (listed === undefined) return table;
  const specs = listedBy(byHand, listed).map((spec) => ({ ...spec, ...byHand.overrides.get(backendKey(spec)) }));
  return { ...table, discovery: withBackendsInFile(discovery, specs) ?? discovery };
}
