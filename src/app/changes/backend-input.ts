import { isError } from '../../config/problem/diagnostic.ts';
import { ConfigRefused } from '../../config/problem/refused.ts';
import type { ReadResult } from '../../config/schema/read.ts';
import { diagnose, NO_SOURCE } from '../../config/text/source.ts';
import { readBackendTable, readOverride } from '../../control/discovery/backend-table.ts';
import type { BackendOverride } from '../../core/backend-overrides.ts';
import { backendKey, type BackendSpec } from '../../core/backend.ts';
import type { BackendChange } from '../../core/steering.ts';
import { strict } from '../config/strict.ts';
import type { Changes } from './overlay.ts';

/** A backend that is to be added. @throws ConfigRefused */
export function readSpec(table: unknown): { readonly key: string; readonly spec: BackendSpec } {
  const { problems, ...read } = readBackendTable(table ?? {});
  const spec = taken({ ...read, problems: strict(problems, table) });
  return { key: backendKey(spec), spec };
}

/** The overrides that a backend is to get; null clears one. @throws ConfigRefused */
export function readChange({ state, weight, maxConnections }: BackendChange): Changes<BackendOverride> {
  const override = taken(readOverride({ state, weight, max_connections: maxConnections }));
  const takenBack = Object.entries({ state, weight, maxConnections }).filter(([, value]) => value === null);
  return { ...override, ...Object.fromEntries(takenBack) };
}

function taken<Value>({ value, problems }: ReadResult<Value>): Value {
  if (value !== undefined && !problems.some(isError)) return value;
  throw new ConfigRefused(diagnose(NO_SOURCE, problems));
}
