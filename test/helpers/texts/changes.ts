import assert from 'node:assert/strict';

import { ConfigRefused } from '../../../src/config/problem/refused.ts';
import type { BackendStatus } from '../../../src/core/backend-status.ts';
import type { Control } from '../../../src/core/control.ts';
import type { JsonTable } from '../../../src/core/json.ts';
import type { Actor } from '../../../src/core/steering.ts';

export const BY: Actor = { via: 'api', login: 'ann', client: '192.0.2.7:4711' };

export function tableOf(bind: string | number, backends: readonly string[], keys: JsonTable = {}): JsonTable {
  return { bind, ...keys, discovery: { kind: 'static', static_list: backends } };
}

export function namesOf(control: Control): readonly string[] {
  return control.reading.servers().map(({ name }) => name);
}

export function backendOf(control: Control, key: string): BackendStatus | undefined {
  return control.reading.backends('web').find((backend) => backend.key === key);
}

/** Of a refusal: what is wrong, and where. */
function faultsOf(thrown: unknown): readonly string[] {
  assert.ok(thrown instanceof ConfigRefused);
  return thrown.diagnostics.map(({ path, code }) => `${path} ${code}`);
}

export async function refusedFor(change: Promise<unknown>): Promise<readonly string[]> {
  return change.then(() => assert.fail('it was not refused'), faultsOf);
}
