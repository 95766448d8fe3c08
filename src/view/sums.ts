import { isServing, isTroubled } from './status.ts';
import type { ServerJson } from './wire.ts';

/** All servers together. Rates are of the last second. */
export interface Sums {
  readonly active: number;
  readonly waiting: number;
  readonly connections: number;
  readonly rx: number;
  readonly tx: number;
  /** Backends: on a list; of those with clients; in trouble. */
  readonly listed: number;
  readonly serving: number;
  readonly troubled: number;
}

export function sumsOf(servers: readonly ServerJson[]): Sums {
  const backends = servers.flatMap((server) => server.backends);
  const sum = (figure: (server: ServerJson) => number): number =>
    servers.reduce((total, server) => total + figure(server), 0);
  return {
    active: sum(({ active }) => active),
    waiting: sum(({ waiting }) => waiting),
    connections: sum(({ rates }) => rates.connections),
    rx: sum(({ rates }) => rates.rx),
    tx: sum(({ rates }) => rates.tx),
    listed: backends.filter(({ status }) => status !== 'removed').length,
    serving: backends.filter(isServing).length,
    troubled: backends.filter(isTroubled).length,
  };
}
