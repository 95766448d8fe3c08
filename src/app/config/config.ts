import type { AccessRules } from '../../access/rules.ts';
import type { Rate } from '../../config/values/rate.ts';
import type { ApiConfig } from '../../control/api/schema.ts';
import type { StatsPageConfig } from '../../control/dashboard/schema.ts';
import type { DiscoveryConfig } from '../../control/discovery/registry.ts';
import type { HealthcheckConfig } from '../../control/healthcheck/registry.ts';
import type { MetricsConfig } from '../../control/metrics/schema.ts';
import type { NamedAddress } from '../../core/address.ts';
import type { JsonTable } from '../../core/control.ts';
import type { LoggingConfig } from '../../log/schema.ts';
import type { EngineChoice, OnDown } from './options.ts';
import type { BalanceKind } from './schema.ts';

/**
 * The configuration after reading: defaults filled in and inherited, text turned into numbers and addresses. Plain data
 * throughout, so that two of them can be compared with isDeepStrictEqual and parts of it be sent to a worker.
 */
export interface Config {
  readonly logging: LoggingConfig;
  /** Threads of the data plane; absent is one per core. */
  readonly threads?: number;
  /** The HTTP services; absent where they are not enabled. */
  readonly api?: ApiConfig;
  readonly metrics?: MetricsConfig;
  readonly stats?: StatsPageConfig;
  /** Where what is changed by hand is kept; absent: nowhere. */
  readonly stateFile?: string;
  readonly servers: readonly ServerConfig[];
  /** What all this was read from: the known keys as they were given, nothing filled in. */
  readonly tables: JsonTable;
}

export interface ServerConfig {
  readonly name: string;
  /** At least one; none twice. */
  readonly binds: readonly NamedAddress[];
  readonly engine: EngineChoice;
  readonly balance: BalanceKind;
  /** Connections at once; 0 is no limit. */
  readonly maxConnections: number;
  /** 0 is no limit. */
  readonly clientIdleMs: number;
  /** 0 is no limit. */
  readonly backendIdleMs: number;
  /** 0 leaves it to the system. */
  readonly connectTimeoutMs: number;
  /** How many further backends are tried after a failed connect. */
  readonly retries: number;
  readonly access: AccessRules;
  readonly discovery: DiscoveryConfig;
  readonly healthcheck: HealthcheckConfig;
  readonly passive: PassiveConfig;
  /** Percentage of live backends below which checks are taken to be wrong; 0 is never. */
  readonly panicThreshold: number;
  readonly onDown: OnDown;
  /** 0 is none. */
  readonly slowStartMs: number;
  readonly queue: QueueConfig;
  readonly perClient: PerClientConfig;
  /** Absent where clients do not stick. */
  readonly sticky?: StickyConfig;
}

/** Of backends that do not have their own. */
export interface PassiveConfig {
  /** 0 counts none. */
  readonly maxFails: number;
  readonly failTimeoutMs: number;
}

export interface QueueConfig {
  /** 0 is no queue. */
  readonly timeoutMs: number;
  /** 0 is no limit. */
  readonly size: number;
  /** 0 is no limit. */
  readonly perClient: number;
  readonly whenDown: boolean;
}

export interface PerClientConfig {
  /** Connections at once; 0 is no limit. */
  readonly maxConnections: number;
  readonly rate: Rate;
}

export interface StickyConfig {
  readonly expireMs: number;
}
