import { isDeepStrictEqual } from 'node:util';

import { type BackendOverrides, isEmpty, NO_OVERRIDES, type BackendOverride } from '../../core/backend-overrides.ts';
import { backendKey, type BackendSpec } from '../../core/backend.ts';
import type { JsonTable, JsonValue } from '../../core/json.ts';

/** What was changed while tslb runs, over the tables of the file, by the names of servers. Immutable. */
export type Overlay = ReadonlyMap<string, ServerOverlay>;

export interface ServerOverlay {
  /** In place of the file's table; null removes the server. Absent: as the file says. */
  readonly table?: JsonTable | null;
  readonly overrides: BackendOverrides;
}

export const NO_OVERLAY: Overlay = new Map();

/** The servers of a configuration, as it has them. */
export function serversOf(tables: JsonTable): ReadonlyMap<string, JsonTable> {
  const { servers } = tables;
  return new Map(isTable(servers) ? (Object.entries(servers) as [string, JsonTable][]) : []);
}

/** The tables of both together: servers in the order of the file, then added servers. */
export function merged(file: JsonTable, overlay: Overlay): JsonTable {
  const servers = new Map(serversOf(file));
  for (const [name, { table }] of overlay) {
    if (table === null) servers.delete(name);
    else if (table !== undefined) servers.set(name, table);
  }
  return { ...file, servers: Object.fromEntries(servers) };
}

export function overridesOf(overlay: Overlay, server: string): BackendOverrides {
  return overlay.get(server)?.overrides ?? NO_OVERRIDES;
}

/** Adds or replaces a server; overrides of its backends stay. */
export function withServer(overlay: Overlay, name: string, table: JsonTable): Overlay {
  return new Map(overlay).set(name, { table, overrides: overridesOf(overlay, name) });
}

/** Removes a server, with all overrides of its backends. */
export function withoutServer(overlay: Overlay, name: string): Overlay {
  return new Map(overlay).set(name, { table: null, overrides: NO_OVERRIDES });
}

/** Changes the overrides of a backend. @param change null clears an override, an absent one stays */
export function withOverride(overlay: Overlay, server: string, key: string, change: Changes<BackendOverride>): Overlay {
  const overrides = overridesOf(overlay, server);
  const before = overrides.changed.get(key) ?? {};
  const after = Object.fromEntries(
    Object.entries({ ...before, ...change }).filter(([, value]) => value !== null),
  ) as BackendOverride;
  return withOverrides(overlay, server, { ...overrides, changed: new Map(overrides.changed).set(key, after) });
}

export type Changes<Values> = { readonly [Key in keyof Values]: Values[Key] | null };

/**
 * Adds a backend, as it is given here, whatever discovery finds. A removed backend that is given as discovery finds it
 * follows discovery again.
 * @param found by discovery under its key
 */
export function withBackend(overlay: Overlay, server: string, spec: BackendSpec, found?: BackendSpec): Overlay {
  const { added, removed, changed } = overridesOf(overlay, server);
  const key = backendKey(spec);
  const isAsFound = removed.has(key) && isDeepStrictEqual(spec, found);
  return withOverrides(overlay, server, {
    added: isAsFound ? without(added, key) : new Map(added).set(key, spec),
    removed: new Set([...removed].filter((each) => each !== key)),
    changed: without(changed, key),
  });
}

/** Removes a backend. @param isFound whether discovery finds it, and would bring it back */
export function withoutBackend(overlay: Overlay, server: string, key: string, isFound: boolean): Overlay {
  const { added, removed, changed } = overridesOf(overlay, server);
  return withOverrides(overlay, server, {
    added: without(added, key),
    removed: isFound ? new Set(removed).add(key) : removed,
    changed: without(changed, key),
  });
}

/** Without what changes nothing: tables equal to the file's, and overrides of servers that do not exist. */
export function pruned(overlay: Overlay, file: JsonTable): Overlay {
  const servers = serversOf(file);
  const kept: [string, ServerOverlay][] = [];
  for (const [name, { table, overrides }] of overlay) {
    const given = servers.get(name);
    const isAsFile = table === null ? given === undefined : isDeepStrictEqual(table, given);
    const isThere = table !== null && (table ?? given) !== undefined;
    const own = isThere ? withoutIdle(overrides) : NO_OVERRIDES;
    const change = { ...(table !== undefined && !isAsFile && { table }), overrides: own };
    if ('table' in change || !isEmpty(own)) kept.push([name, change]);
  }
  return new Map(kept);
}

/** With its tables in the spelling of the configuration that was read from them. */
export function normalised(overlay: Overlay, tables: JsonTable): Overlay {
  const servers = serversOf(tables);
  const entries = [...overlay].map(([name, own]): [string, ServerOverlay] => {
    const table = servers.get(name);
    return [name, own.table === null || own.table === undefined || table === undefined ? own : { ...own, table }];
  });
  return new Map(entries);
}

/** Servers of the file that were replaced or removed at runtime. */
export function overriddenServers(overlay: Overlay, file: JsonTable): readonly string[] {
  return [...serversOf(file).keys()].filter((name) => overlay.get(name)?.table !== undefined);
}

/** Servers that left the file and keep running, with the tables that were put at runtime in place of the file's. */
export function orphanedServers(overlay: Overlay, before: JsonTable, after: JsonTable): readonly string[] {
  const left = serversOf(after);
  return [...serversOf(before).keys()].filter((name) => {
    const { table } = overlay.get(name) ?? {};
    return !left.has(name) && table !== undefined && table !== null;
  });
}

function withOverrides(overlay: Overlay, server: string, overrides: BackendOverrides): Overlay {
  return new Map(overlay).set(server, { ...overlay.get(server), overrides });
}

function withoutIdle({ changed, ...rest }: BackendOverrides): BackendOverrides {
  return { ...rest, changed: new Map([...changed].filter(([, override]) => Object.keys(override).length > 0)) };
}

function without<Value>(values: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  return new Map([...values].filter(([each]) => each !== key));
}

function isTable(value: JsonValue | undefined): value is JsonTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
