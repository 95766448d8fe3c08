import type { BackendWord } from '../core/backend-status.ts';
import type { Cause } from '../core/cause.ts';
import type { ConnectionStage } from '../core/connection-list.ts';

/** What the page reads of our API (`/v1`), in that API's form: times are RFC 3339, bytes and counts are whole numbers. */
export interface SnapshotJson {
  readonly at: string;
  readonly process: ProcessJson;
  readonly threads: readonly ThreadJson[];
  readonly servers: readonly ServerJson[];
}

export interface ProcessJson {
  readonly uptime_ms: number;
  readonly rss_bytes: number;
  /** Of one core. */
  readonly cpu: number;
  readonly loop_delay_ms: number;
  readonly open_files?: number | undefined;
}

export interface ThreadJson {
  readonly number: number;
  readonly engine: string;
  readonly connections: number;
  readonly accepted: number;
}

export interface RatesJson {
  readonly connections: number;
  readonly peak_connections: number;
  readonly rx: number;
  readonly tx: number;
}

export interface ServerJson {
  readonly name: string;
  readonly protocol: string;
  readonly balance: string;
  readonly engine: string;
  readonly binds: readonly string[];
  readonly addresses: readonly string[];
  readonly max_connections: number;
  readonly since: string;
  readonly active: number;
  readonly waiting: number;
  readonly peak: number;
  readonly accepted: number;
  readonly denied: number;
  readonly over_client_limit: number;
  readonly over_client_rate: number;
  readonly no_backend: number;
  readonly no_resources: number;
  readonly queued: number;
  readonly connected: number;
  readonly refused: number;
  readonly retried: number;
  readonly rx: number;
  readonly tx: number;
  /** Only those above 0. */
  readonly causes: Readonly<Partial<Record<Cause, number>>>;
  readonly rates: RatesJson;
  readonly backends: readonly BackendJson[];
}

export interface BackendJson {
  readonly key: string;
  readonly status: BackendWord;
  readonly state: string;
  readonly state_override: boolean;
  readonly health?: HealthJson | undefined;
  readonly probe_in_ms?: number | undefined;
  readonly active: number;
  readonly peak: number;
  readonly total: number;
  readonly refused: number;
  readonly retried: number;
  readonly rx: number;
  readonly tx: number;
  readonly priority: number;
  readonly weight: number;
  readonly weight_override: boolean;
  readonly max_connections: number;
  readonly max_connections_override: boolean;
  readonly is_dynamic: boolean;
  readonly warmup_factor: number;
  readonly changed_at: string;
  readonly downs: number;
  readonly rates: RatesJson;
}

export interface HealthJson {
  readonly state: string;
  readonly live: boolean;
  readonly reason: string;
  readonly consecutive: number;
  readonly duration_ms: number;
  readonly checked_at?: string | undefined;
}

export interface InfoJson {
  readonly version: string;
  readonly pid: number;
  readonly started_at: string;
  readonly engine: string;
  readonly config_file?: string | undefined;
  readonly open_files_limit?: number | undefined;
  readonly admin: boolean;
  readonly login?: string | undefined;
}

/** Oldest first, a point for each step. */
export interface HistoryJson {
  readonly step_ms: number;
  readonly at: string;
  readonly active: readonly number[];
  readonly waiting: readonly number[];
  readonly connections: readonly number[];
  readonly rx: readonly number[];
  readonly tx: readonly number[];
  readonly errors: readonly number[];
}

export interface ConnectionsJson {
  readonly total: number;
  readonly connections: readonly ConnectionJson[];
}

export interface ConnectionJson {
  readonly id: string;
  readonly server: string;
  readonly client: string;
  readonly backend?: string | undefined;
  readonly stage: ConnectionStage;
  readonly age_ms: number;
  readonly queue_ms: number;
  readonly rx: number;
  readonly tx: number;
  readonly tried: readonly string[];
}

export interface ErrorJson {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly problems?: readonly { readonly path: string; readonly message: string }[];
  };
}
