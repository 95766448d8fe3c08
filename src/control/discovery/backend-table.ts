import * as z from 'zod';

import type { Fault } from '../../config/problem/problem.ts';
import { readBySchema, type ReadResult } from '../../config/schema/read.ts';
import { splitHostPort } from '../../config/values/address.ts';
import { refuse } from '../../config/values/refuse.ts';
import { count, duration } from '../../config/values/values.ts';
import { addressText, type NamedAddress } from '../../core/address.ts';
import type { BackendOverride } from '../../core/backend-overrides.ts';
import { BACKEND_STATES, type BackendSpec } from '../../core/backend.ts';
import type { JsonTable } from '../../core/json.ts';
import { SEND_PROXY } from '../../core/proxy-protocol.ts';
import { parseTarget } from './backend-line.ts';
import { MOST, NO_NAME, type OptionName } from './backend-options.ts';

const weight = count({ most: MOST.weight });
const maxConnections = count({ most: MOST.maxConnections });
const state = z.enum(BACKEND_STATES);

/** One, or a list of them. */
const texts = z
  .union([z.string().min(1), z.array(z.string()).min(1)])
  .transform((given): readonly string[] => (typeof given === 'string' ? [given] : given));

const HOST_EXAMPLE = '10.0.0.1';

/** One backend as a table: what a line of `static_list` says, with the address in its parts. */
export const backendSchema = z
  .object({
    host: z.string().meta({ examples: [HOST_EXAMPLE] }),
    port: z.union([z.string(), z.int()]).default(''),
    weight: weight.default(1),
    priority: count({ most: MOST.priority }).default(1),
    max_connections: maxConnections.default(0),
    max_fails: count({ most: MOST.maxFails }).optional(),
    fail_timeout: duration({ leastMs: 1 }).optional(),
    send_proxy: z.enum(SEND_PROXY).optional(),
    state: state.optional(),
    sni: texts.optional(),
    alpn: texts.optional(),
  })
  .transform((table, context): BackendSpec => {
    const target = targetOf(table.host, String(table.port));
    if ('faults' in target) {
      for (const [key, faults] of Object.entries(target.faults)) refuse(context, faults, key);
      return z.NEVER;
    }
    return {
      target: target.value,
      weight: table.weight,
      priority: table.priority,
      maxConnections: table.max_connections,
      ...(table.max_fails !== undefined && { maxFails: table.max_fails }),
      ...(table.fail_timeout !== undefined && { failTimeoutMs: table.fail_timeout }),
      ...(table.send_proxy !== undefined && { sendProxy: table.send_proxy }),
      ...(table.state !== undefined && { state: table.state }),
      ...(table.sni !== undefined && { sni: table.sni }),
      ...(table.alpn !== undefined && { alpn: table.alpn }),
    };
  });

/** What an override may change of a backend. */
export const overrideSchema = z
  .object({
    state: state.optional().meta({ title: 'word', description: 'Its `state` (see Backends).' }),
    weight: weight.optional().meta({ description: 'Its `weight`.' }),
    max_connections: maxConnections.optional().meta({ description: 'Its `max_connections`.' }),
  })
  .transform(({ state, weight, max_connections }): BackendOverride => ({
    ...(state !== undefined && { state }),
    ...(weight !== undefined && { weight }),
    ...(max_connections !== undefined && { maxConnections: max_connections }),
  }));

/** @returns the backend, or all that is wrong with the table; paths begin at its keys */
export function readBackendTable(table: unknown): ReadResult<BackendSpec> {
  return readBySchema(backendSchema, table);
}

/** As readBackendTable, for an override of a backend. Null counts as absent. */
export function readOverride(table: unknown): ReadResult<BackendOverride> {
  return readBySchema(overrideSchema, table);
}

/** The table that is read as this override. */
export function overrideTable({ state, weight, maxConnections }: BackendOverride): JsonTable {
  return {
    ...(state !== undefined && { state }),
    ...(weight !== undefined && { weight }),
    ...(maxConnections !== undefined && { max_connections: maxConnections }),
  };
}

/** The table that is read as this backend. */
export function backendTable({ target, ...spec }: BackendSpec): JsonTable {
  return {
    ...('path' in target ? { host: target.path } : { host: target.host, port: target.port }),
    weight: spec.weight,
    priority: spec.priority,
    max_connections: spec.maxConnections,
    ...(spec.maxFails !== undefined && { max_fails: spec.maxFails }),
    ...(spec.failTimeoutMs !== undefined && { fail_timeout: `${spec.failTimeoutMs}ms` }),
    ...(spec.sendProxy !== undefined && { send_proxy: spec.sendProxy }),
    ...(spec.state !== undefined && { state: spec.state }),
    ...(spec.sni !== undefined && { sni: [...spec.sni] }),
    ...(spec.alpn !== undefined && { alpn: [...spec.alpn] }),
  };
}

/** The line of `static_list` that is read as this backend. */
export function backendLine({ target, ...spec }: BackendSpec): string {
  const options = Object.entries({
    weight: spec.weight,
    priority: spec.priority,
    max_connections: spec.maxConnections,
    max_fails: spec.maxFails,
    fail_timeout: spec.failTimeoutMs === undefined ? undefined : `${spec.failTimeoutMs}ms`,
    send_proxy: spec.sendProxy,
    state: spec.state,
    alpn: spec.alpn?.join(','),
  } satisfies Record<Exclude<OptionName, 'sni'>, unknown>);
  const written = options.flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`));
  return [addressText(target), ...written, ...(spec.sni ?? []).map((name) => `sni=${name || NO_NAME}`)].join(' ');
}

type Target =
  | { readonly value: NamedAddress }
  | { readonly faults: { readonly host?: readonly Fault[]; readonly port?: readonly Fault[] } };

/** An absolute path is that of a unix socket; an IPv6 address may have brackets or not. */
function targetOf(host: string, port: string): Target {
  const isPath = host.startsWith('/');
  if (isPath && /\s/.test(host)) return { faults: { host: [hostFault('the path has a blank')] } };
  if (isPath && port !== '') return { faults: { port: [hostFault('a unix socket has no port')] } };
  const isBare = host.includes(':') && !host.startsWith('[');
  const text = isPath ? `unix:${host}` : `${isBare ? `[${host}]` : host}:${port}`;
  const reading = parseTarget(text);
  if ('value' in reading) return reading;
  const { portOffset } = splitHostPort(text);
  const isOfPort = ({ offset = 0 }: Fault) => !isPath && offset >= portOffset;
  const faults = reading.faults.map(({ offset: _, ...fault }) => fault);
  return {
    faults: {
      host: faults.filter((_, index) => !isOfPort(reading.faults[index] as Fault)),
      port: faults.filter((_, index) => isOfPort(reading.faults[index] as Fault)),
    },
  };
}

function hostFault(message: string): Fault {
  return { code: 'TSLB_CONFIG_BACKEND', message };
}
