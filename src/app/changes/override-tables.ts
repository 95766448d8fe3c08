import { withOverrides } from '../../control/discovery/registry.ts';
import { isEmpty } from '../../core/backend-overrides.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Config } from '../config/config.ts';
import { overridesOf, type Overlay, serversOf } from './overlay.ts';

/** The configuration with all overrides of backends written into its discovery tables, as a file for another tslb. */
export function configWithOverrides(config: Config, overlay: Overlay): Config {
  const servers = new Map(serversOf(config.tables));
  for (const { name, discovery } of config.servers) {
    const table = servers.get(name);
    const overrides = overridesOf(overlay, name);
    if (table === undefined || isEmpty(overrides)) continue;
    const source = withOverrides(table['discovery'] as JsonTable, discovery, overrides);
    servers.set(name, { ...table, discovery: source });
  }
  return { ...config, tables: { ...config.tables, servers: Object.fromEntries(servers) } };
}
