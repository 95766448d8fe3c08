import type { PoolSettings } from '../../control/pool/settings.ts';
import type { Limits } from '../../data/protocol/messages.ts';
import type { ServerConfig } from '../config/config.ts';

/** What of a server's configuration concerns its threads. */
export function limitsOf(config: ServerConfig): Limits {
  const { maxConnections, connectTimeoutMs, clientIdleMs, backendIdleMs, retries, queue, perClient, sticky } = config;
  return {
    maxConnections,
    connectTimeoutMs,
    clientIdleMs,
    backendIdleMs,
    retries,
    queue,
    perClient,
    stickyMs: sticky?.expireMs ?? 0,
  };
}

/** What of it concerns its pool. */
export function poolSettingsOf({ passive, queue, panicThreshold, onDown, slowStartMs }: ServerConfig): PoolSettings {
  return {
    ...passive,
    queuesWhenDown: queue.whenDown,
    panicThreshold,
    closesOnDown: onDown === 'close',
    slowStartMs,
  };
}
