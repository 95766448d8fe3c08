import * as z from 'zod';

// What of the answers of /v1 the command line shows; docs/api.md says what they mean.

const rates = z.object({ connections: z.number(), peak_connections: z.number(), rx: z.number(), tx: z.number() });

const health = z.object({
  state: z.string(),
  live: z.boolean(),
  reason: z.string(),
  checked_at: z.string().optional(),
});

export const backend = z.object({
  key: z.string(),
  status: z.string(),
  state: z.string(),
  state_override: z.boolean(),
  health: health.optional(),
  probe_in_ms: z.number().optional(),
  active: z.number(),
  peak: z.number(),
  total: z.number(),
  refused: z.number(),
  retried: z.number(),
  rx: z.number(),
  tx: z.number(),
  priority: z.number(),
  weight: z.number(),
  weight_override: z.boolean(),
  max_connections: z.number(),
  max_connections_override: z.boolean(),
  is_dynamic: z.boolean(),
  changed_at: z.string(),
  rates,
});

export const server = z.object({
  name: z.string(),
  protocol: z.string(),
  balance: z.string(),
  engine: z.string(),
  binds: z.array(z.string()),
  addresses: z.array(z.string()),
  max_connections: z.number(),
  active: z.number(),
  waiting: z.number(),
  peak: z.number(),
  accepted: z.number(),
  no_backend: z.number(),
  no_resources: z.number(),
  refused: z.number(),
  rx: z.number(),
  tx: z.number(),
  rates,
  backends: z.array(backend),
});

const thread = z.object({
  number: z.number(),
  engine: z.string(),
  connections: z.number(),
  accepted: z.number(),
});

export const snapshot = z.object({
  at: z.string(),
  process: z.object({
    uptime_ms: z.number(),
    rss_bytes: z.number(),
    cpu: z.number(),
    loop_delay_ms: z.number(),
    open_files: z.number().optional(),
  }),
  threads: z.array(thread),
  servers: z.array(server),
});

export const info = z.object({
  version: z.string(),
  pid: z.number(),
  started_at: z.string(),
  uptime_ms: z.number(),
  engine: z.string(),
  engine_reason: z.string().optional(),
  threads: z.array(thread),
  config_file: z.string().optional(),
  log_level: z.string(),
  open_files: z.number().optional(),
  open_files_limit: z.number().optional(),
  rss_bytes: z.number(),
  cpu: z.number(),
  loop_delay_ms: z.number(),
  login: z.string().optional(),
});

export const serverAnswer = z.object({ server, config: z.record(z.string(), z.unknown()) });
/** Of GET /dump as JSON: what servers inherit. */
export const dump = z.object({ defaults: z.record(z.string(), z.unknown()).optional() });
export const backendAnswer = z.object({ backend });
/** Of a change; the backend is absent while its server does not have it. */
export const changedBackendAnswer = backendAnswer.partial();
export const backendsAnswer = z.object({ backends: z.array(backend) });

export const connections = z.object({
  total: z.number(),
  connections: z.array(
    z.object({
      id: z.string(),
      server: z.string(),
      client: z.string(),
      backend: z.string().optional(),
      stage: z.string(),
      age_ms: z.number(),
      queue_ms: z.number(),
      rx: z.number(),
      tx: z.number(),
      tried: z.array(z.string()),
    }),
  ),
});

export const history = z.object({
  step_ms: z.number(),
  at: z.string(),
  active: z.array(z.number()),
  waiting: z.array(z.number()),
  connections: z.array(z.number()),
  rx: z.array(z.number()),
  tx: z.array(z.number()),
  errors: z.array(z.number()),
});

export const killed = z.object({ killed: z.number() });
export const logLevel = z.object({ level: z.string() });

export const reloaded = z.object({
  added: z.array(z.string()),
  changed: z.array(z.string()),
  removed: z.array(z.string()),
  unchanged: z.array(z.string()),
  warnings: z.array(z.string()),
});

const names = z.array(z.string()).optional();

/** Of every type of change; which fields there are depends on it. */
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
