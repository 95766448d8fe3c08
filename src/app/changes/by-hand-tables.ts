import { backendLine } from '../../control/discovery/backend-table.ts';
import { type ByHand, isNothing, listedBy } from '../../control/pool/by-hand.ts';
import { backendKey } from '../../core/backend.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Config, ServerConfig } from '../config/config.ts';
import { byHandOf, type Overlay, serversOf } from './overlay.ts';

/** A configuration whose lists of backends say what holds by hand, as a file for another tslb would. */
export function withByHand(config: Config, overlay: Overlay): Config {
  const servers = new Map(serversOf(config.tables));
  for (const server of config.servers) {
    const table = servers.get(server.name);
    const byHand = byHandOf(overlay, server.name);
    if (table !== undefined && !isNothing(byHand)) servers.set(server.name, tableOf(server, table, byHand));
  }
  return { ...config, tables: { ...config.tables, servers: Object.fromEntries(servers) } };
}

function tableOf({ discovery }: ServerConfig, table: JsonTable, byHand: ByHand): JsonTable {
  const specs = listedBy(byHand, discovery.backends);
  const static_list = specs.map((spec) => backendLine({ ...spec, ...byHand.overrides.get(backendKey(spec)) }));
  return { ...table, discovery: { ...(table['discovery'] as JsonTable), static_list } };
}
