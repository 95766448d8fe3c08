import * as z from 'zod';

import { type Diagnostic, isError } from '../../config/problem/diagnostic.ts';
import { readBySchema } from '../../config/schema/read.ts';
import { secretPaths } from '../../config/schema/redact.ts';
import { parseFile } from '../../config/text/parse.ts';
import { diagnose, type Source } from '../../config/text/source.ts';
import { backendSchema, backendTable, overrideSchema, overrideTable } from '../../control/discovery/backend-table.ts';
import type { BackendOverrides } from '../../core/backend-overrides.ts';
import { backendKey } from '../../core/backend.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Overlay, ServerOverlay } from './overlay.ts';

/** Version of the form, which a later tslb may change. */
const VERSION = 1;

const NO_BACKENDS = { added: [], removed: [], changed: {} };

/** A server's table is read with the configuration that it becomes a part of. */
const stateSchema = z.object({
  version: z.literal(VERSION),
  servers: z
    .record(
      z.string(),
      z.object({
        table: z.record(z.string(), z.unknown()).optional(),
        removed: z.literal(true).optional(),
        backends: z
          .object({
            added: z.array(backendSchema).default([]),
            removed: z.array(z.string()).default([]),
            changed: z.record(z.string(), overrideSchema).default({}),
          })
          .default(NO_BACKENDS),
      }),
    )
    .default({}),
});

type ServerState = z.output<typeof stateSchema>['servers'][string];

export interface ReadState {
  /** Present if and only if no diagnostic is an error. */
  readonly overlay?: Overlay;
  readonly diagnostics: readonly Diagnostic[];
  /** Locates problems in the tables of servers. */
  readonly source: Source;
}

/** Reads the text of a state file. */
export async function readState(bytes: Uint8Array, file: string): Promise<ReadState> {
  const parsed = await parseFile({ bytes, format: 'json' });
  const read = parsed.value === undefined ? undefined : readBySchema(stateSchema, parsed.value);
  const secrets = secretPaths(stateSchema, parsed.value);
  const source = { file, content: parsed.content, places: await parsed.places(), secrets };
  const diagnostics = diagnose(source, [...parsed.problems, ...(read?.problems ?? [])]);
  if (read?.value === undefined || diagnostics.some(isError)) return { diagnostics, source };
  const servers = Object.entries(read.value.servers).map(([name, state]) => [name, overlayOf(state)] as const);
  return { overlay: new Map(servers), diagnostics, source };
}

/** Where a problem of a configuration stands in the state file that the server's table was taken from. */
export function statePath([servers = '', name = '', ...rest]: readonly (string | number)[]): (string | number)[] {
  return [servers, name, 'table', ...rest];
}

/** The text of a state file. */
export function stateText(overlay: Overlay): string {
  const servers = [...overlay].map(([name, server]) => [name, stateOf(server)]);
  return `${JSON.stringify({ version: VERSION, servers: Object.fromEntries(servers) as JsonTable }, undefined, 2)}\n`;
}

function overlayOf({ table, removed, backends }: ServerState): ServerOverlay {
  const overrides = {
    added: new Map(backends.added.map((spec) => [backendKey(spec), spec])),
    removed: new Set(backends.removed),
    changed: new Map(Object.entries(backends.changed)),
  };
  if (removed === true) return { table: null, overrides };
  // A copy has none of the parser's prototypes, and what was read from JSON is JSON.
  return table === undefined ? { overrides } : { table: structuredClone({ ...table }) as JsonTable, overrides };
}

function stateOf({ table, overrides }: ServerOverlay): JsonTable {
  const backends = backendsOf(overrides);
  return {
    ...(table === null ? { removed: true } : table !== undefined && { table }),
    ...(Object.keys(backends).length > 0 && { backends }),
  };
}

function backendsOf({ added, removed, changed }: BackendOverrides): JsonTable {
  const entries = [...changed].map(([key, override]) => [key, overrideTable(override)]);
  return {
    ...(added.size > 0 && { added: [...added.values()].map(backendTable) }),
    ...(removed.size > 0 && { removed: [...removed] }),
    ...(entries.length > 0 && { changed: Object.fromEntries(entries) as JsonTable }),
  };
}
