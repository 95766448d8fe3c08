import type { PoolSettings } from '../../control/pool/settings.ts';
import type { Limits } from '../../core/limits.ts';
import type { OptionValues } from './options.ts';

/** What of the options in force concerns the threads of a server. */
export function limitsOf(values: OptionValues): Limits {
  return {
    maxConnections: values.max_connections,
    connectTimeoutMs: values.backend_connection_timeout,
    clientIdleMs: values.client_idle_timeout,
    backendIdleMs: values.backend_idle_timeout,
    clientFinMs: values.client_fin_timeout,
    backendFinMs: values.backend_fin_timeout,
    unacknowledgedMs: values.unacknowledged_timeout,
    keepAlive: {
      idleMs: values.keepalive_idle,
      intervalMs: values.keepalive_interval,
      count: values.keepalive_count,
    },
    sourceAddresses: values.source_address,
    retries: values.retries,
    queue: {
      timeoutMs: values.queue_timeout,
      size: values.queue_size,
      perClient: values.queue_per_client,
      whenDown: queuesWhenDown(values),
    },
    perClient: {
      maxConnections: values.max_connections_per_client,
      rate: values.connection_rate_per_client,
      prefixV6: values.client_prefix_v6,
    },
    stickyMs: values.sticky === 'client_ip' ? values.sticky_expire : 0,
  };
}

/** What of them concerns its pool. */
export function poolSettingsOf(values: OptionValues): PoolSettings {
  return {
    maxFails: values.max_fails,
    failTimeoutMs: values.fail_timeout,
    queuesWhenDown: queuesWhenDown(values),
    panicThreshold: values.panic_threshold,
    closesOnDown: values.on_down === 'close',
    slowStartMs: values.slow_start,
  };
}

function queuesWhenDown({ queue_timeout, queue_when_down }: OptionValues): boolean {
  return queue_timeout > 0 && queue_when_down;
}
