import { balancers } from '../../src/balance/registry.ts';
import { kindsOf } from '../../src/config/schema/kind.ts';
import type { Random } from '../../src/core/random.ts';
import type { EngineKind } from '../../src/data/engines/registry.ts';
import { serverToml } from '../helpers/processes/cli.ts';
import { between, oneOf } from '../soak/chance.ts';
import { PORT, type Site } from './site.ts';

/** Where clients come to. */
export const SERVER_PORT = 80;

/** What the balancer promises, in milliseconds: the limits of its configuration. */
export const LIMITS = {
  dialMs: 2000,
  retries: 3,
  queueMs: 3000,
  idleMs: 6000,
  unacknowledgedMs: 4000,
  checkIntervalMs: 1000,
  checkTimeoutMs: 1000,
} as const;

/** What reloads change. */
export interface ConfigChoice {
  readonly balance: string;
  /** By position of the backend. */
  readonly weights: readonly number[];
}

export function randomChoice(random: Random): ConfigChoice {
  return {
    balance: oneOf(random, kindsOf(balancers)),
    weights: Array.from({ length: 3 }, () => between(random, 1, 5)),
  };
}

/** @param api the path of its unix socket */
export function configOf(site: Site, engine: EngineKind, api: string, { balance, weights }: ConfigChoice): string {
  const lines = site.backends.map(({ name }, position) => `${name}:${PORT} weight=${weights[position]}`);
  const ms = (value: number): string => `${value}ms`;
  return `[logging]
level = "info"
format = "json"
output = "stdout"
access_log = "stderr"
[api]
enabled = true
bind = "unix:${api}"
${serverToml('web', lines, {
  bind: `${site.balancer.ip}:${SERVER_PORT}`,
  engine,
  balance,
  backend_connection_timeout: ms(LIMITS.dialMs),
  retries: LIMITS.retries,
  queue_timeout: ms(LIMITS.queueMs),
  queue_when_down: true,
  client_idle_timeout: ms(LIMITS.idleMs),
  backend_idle_timeout: ms(LIMITS.idleMs),
  client_fin_timeout: ms(LIMITS.idleMs),
  backend_fin_timeout: ms(LIMITS.idleMs),
  unacknowledged_timeout: ms(LIMITS.unacknowledgedMs),
  keepalive_idle: '2s',
  keepalive_interval: '1s',
  keepalive_count: 2,
})}[servers.web.healthcheck]
kind = "ping"
interval = "${ms(LIMITS.checkIntervalMs)}"
timeout = "${ms(LIMITS.checkTimeoutMs)}"
fails = 1
passes = 1
`;
}
