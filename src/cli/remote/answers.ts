import * as z from 'zod';

import { backendSchema, healthSchema } from '../../wire/v1/backend.ts';
import { connectionListSchema, connectionSchema, killedSchema } from '../../wire/v1/connection.ts';
import { infoSchema, logLevelSchema, reloadSchema, snapshotSchema, threadSchema } from '../../wire/v1/process.ts';
import { historySchema, serverSchema } from '../../wire/v1/server.ts';

/*
 * The fields of /v1 that the command line shows. Other fields may be absent. Words of a fixed set are strings here,
 * because another version may have more of them.
 */

const health = healthSchema.pick({ live: true, reason: true, checked_at: true }).extend({ state: z.string() });

export const backend = backendSchema
  .pick({
    key: true,
    state_override: true,
    probe_in_ms: true,
    active: true,
    peak: true,
    total: true,
    refused: true,
    retried: true,
    rx: true,
    tx: true,
    rx_datagrams: true,
    tx_datagrams: true,
    priority: true,
    weight: true,
    weight_override: true,
    max_connections: true,
    max_connections_override: true,
    is_dynamic: true,
    changed_at: true,
    rates: true,
  })
  .extend({ status: z.string(), state: z.string(), health: health.optional() });

export const server = serverSchema
  .pick({
    name: true,
    balance: true,
    binds: true,
    addresses: true,
    max_connections: true,
    active: true,
    waiting: true,
    peak: true,
    accepted: true,
    no_backend: true,
    no_resources: true,
    refused: true,
    rx: true,
    tx: true,
    rx_datagrams: true,
    tx_datagrams: true,
    rates: true,
  })
  .extend({
    protocol: z.string(),
    engine: z.string(),
    drops: z.record(z.string(), z.number()),
    backends: z.array(backend),
  });

const threads = z.array(threadSchema.extend({ engine: z.string() }));

export const snapshot = snapshotSchema.pick({ at: true, process: true }).extend({ threads, servers: z.array(server) });

export const info = infoSchema
  .pick({
    version: true,
    pid: true,
    started_at: true,
    uptime_ms: true,
    engine_reason: true,
    config_file: true,
    log_level: true,
    open_files: true,
    open_files_limit: true,
    rss_bytes: true,
    cpu: true,
    loop_delay_ms: true,
    login: true,
  })
  .extend({ engine: z.string(), threads });

export const serverAnswer = z.object({ server, config: z.record(z.string(), z.unknown()) });
/** The part of GET /dump that servers inherit from. */
export const dump = z.object({ defaults: z.record(z.string(), z.unknown()).optional() });
export const backendAnswer = z.object({ backend });
/** Of a change; the backend is absent while its server does not have it. */
export const changedBackendAnswer = backendAnswer.partial();
export const backendsAnswer = z.object({ backends: z.array(backend) });

export const connections = connectionListSchema.extend({
  connections: z.array(connectionSchema.extend({ stage: z.string() })),
});

export const history = historySchema;
export const killed = killedSchema;
/** Strict as a request, not as an answer. */
export const logLevel = z.object(logLevelSchema.shape);
export const reloaded = reloadSchema;

const names = z.array(z.string()).optional();

/** Of every type of change, those of other versions too; which fields there are depends on it. */
export const change = z.object({
  at: z.string(),
  type: z.string(),
  server: z.string().optional(),
  backend: z.string().optional(),
  what: z.string().optional(),
  reason: z.string().optional(),
  by: z.string().optional(),
  added: names,
  changed: names,
  removed: names,
});

export type Backend = z.output<typeof backend>;
export type Server = z.output<typeof server>;
export type Snapshot = z.output<typeof snapshot>;
export type Info = z.output<typeof info>;
export type Connection = z.output<typeof connections>['connections'][number];
export type Connections = z.output<typeof connections>;
export type History = z.output<typeof history>;
export type Change = z.output<typeof change>;
