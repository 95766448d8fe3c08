import type * as z from 'zod';

import { isTable } from '../../config/schema/examine.ts';
import { tableOfKinds } from '../../config/schema/kind-table.ts';
import { createKind, registry } from '../../config/schema/kind.ts';
import { type BackendOverrides, combined, NO_OVERRIDES, overridden } from '../../core/backend-overrides.ts';
import type { BackendSpec } from '../../core/backend.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Discovery } from '../../core/discovery.ts';
import type { BackendsInFile, DiscoveryTools, DiscoveryTraits } from './kind.ts';
import * as kinds from './kinds.ts';
import { overridesTable } from './overrides.ts';

export type { DiscoveryTools } from './kind.ts';
export { splitScheme } from './static-line.ts';

/** By the name that `kind = "…"` gives it. */
export const discoveries = registry(kinds);

/** The table `discovery` of a server. */
export const discoverySchema = tableOfKinds(kinds).meta({
  description: 'The source of the backends. The keys depend on its kind.',
});

export type DiscoveryConfig = z.output<typeof discoverySchema>;

/** Makes the source that a configuration asks for. Asks nothing yet. */
export function createDiscovery(config: DiscoveryConfig, tools: DiscoveryTools): Discovery {
  return createKind(discoveries, config, tools);
}

/** What is to be known of the kind that a configuration names. */
export function traitsOf({ kind }: DiscoveryConfig): DiscoveryTraits {
  return discoveries[kind];
}

/**
 * The backends that a table `discovery` of a file names.
 * @returns undefined where only the source knows them, or the table cannot be read
 */
export function backendsInFile(table: unknown): readonly BackendSpec[] | undefined {
  return isTable(table) ? inFile(table)?.read(table) : undefined;
}

/**
 * The table `discovery` of a configuration with what lies over its backends: in the list itself where the file has it, else
 * as overrides.
 */
export function withOverrides(table: JsonTable, config: DiscoveryConfig, overrides: BackendOverrides): JsonTable {
  const source = sourceOf(table);
  const all = combined(config.overrides ?? NO_OVERRIDES, overrides);
  const list = inFile(source);
  const backends = list?.read(source);
  if (list !== undefined && backends !== undefined) return { ...source, ...list.write(overridden(all, backends)) };
  return { ...source, overrides: overridesTable(all) };
}

function sourceOf({ overrides: _, ...source }: JsonTable): JsonTable {
  return source;
}

function inFile({ kind }: Readonly<Record<string, unknown>>): BackendsInFile | undefined {
  return Object.values(kinds).find((each) => each.kind === kind)?.inFile;
}
