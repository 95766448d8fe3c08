import { backendsInFile, withBackendsInFile } from '../../control/discovery/registry.ts';
import { type BackendOverrides, isEmpty, overridden } from '../../core/backend-overrides.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Config } from '../config/config.ts';
import { byHandOf, type Overlay, serversOf } from './overlay.ts';

/** A configuration whose lists of backends say what holds by hand, as a file for another tslb would. */
export function withByHand(config: Config, overlay: Overlay): Config {
  const servers = new Map(serversOf(config.tables));
  for (const server of config.servers) {
    const table = servers.get(server.name);
    const byHand = byHandOf(overlay, server.name);
    if (table !== undefined && !isEmpty(byHand)) servers.set(server.name, tableOf(table, byHand));
  }
  return { ...config, tables: { ...config.tables, servers: Object.fromEntries(servers) } };
}

function tableOf(table: JsonTable, byHand: BackendOverrides): JsonTable {
  const discovery = table['discovery'] as JsonTable;
  const listed = backendsInFile(discovery);
  if (listed === undefined) return table;
  return { ...table, discovery: withBackendsInFile(discovery, overridden(byHand, listed)) ?? discovery };
}
