import type { AccessRules } from '../../access/rules.ts';
import type { ApiConfig } from '../../control/api/schema.ts';
import type { StatsPageConfig } from '../../control/dashboard/schema.ts';
import type { DiscoveryConfig } from '../../control/discovery/registry.ts';
import type { HealthcheckConfig } from '../../control/healthcheck/registry.ts';
import type { MetricsConfig } from '../../control/metrics/schema.ts';
import type { PoolSettings } from '../../control/pool/settings.ts';
import type { ProfilerConfig } from '../../control/profiler/schema.ts';
import type { NamedAddress } from '../../core/address.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Limits } from '../../core/limits.ts';
import type { LoggingConfig } from '../../log/schema.ts';
import type { DnsConfig } from './dns.ts';
import type { EngineChoice } from './options.ts';
import type { BalanceKind } from './schema.ts';

/**
 * The configuration after reading: defaults filled in and inherited, text turned into numbers and addresses. Plain data
 * throughout, so that two of them can be compared with isDeepStrictEqual and parts of it be sent to a worker.
 */
export interface Config {
  readonly logging: LoggingConfig;
  /** Threads of the data plane; absent is one per core. */
  readonly threads?: number;
  readonly dns: DnsConfig;
  /** The HTTP services; absent where they are not enabled. */
  readonly api?: ApiConfig;
  readonly metrics?: MetricsConfig;
  readonly profiler?: ProfilerConfig;
  readonly stats?: StatsPageConfig;
  /** Where changes at runtime are kept; absent: nowhere. */
  readonly stateFile?: string;
  readonly servers: readonly ServerConfig[];
  /** The tables that all this was read from: the known keys as they were given, nothing filled in. */
  readonly tables: JsonTable;
}

export interface ServerConfig {
  readonly name: string;
  readonly protocol: 'tcp' | 'udp';
  /** At least one; none twice. */
  readonly binds: readonly NamedAddress[];
  readonly engine: EngineChoice;
  readonly balance: BalanceKind;
  readonly access: AccessRules;
  readonly discovery: DiscoveryConfig;
  readonly healthcheck: HealthcheckConfig;
  /** For its threads. */
  readonly limits: Limits;
  /** For its pool. */
  readonly pool: PoolSettings;
}
