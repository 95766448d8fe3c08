import type { Backend, Connection, Info, Server, Snapshot } from '../../../src/cli/remote/answers.ts';

/** The time of the samples, in milliseconds since the epoch. */
export const SAMPLE_AT = Date.UTC(2026, 0, 31, 12);

const NO_RATES = { connections: 0, peak_connections: 0, rx: 0, tx: 0 };

/** A backend that is up and carries nothing, but for what is said. */
export function sampleBackend(key: string, given: Partial<Backend> = {}): Backend {
  return {
    key,
    status: 'up',
    state: 'enabled',
    state_override: false,
    active: 0,
    peak: 0,
    total: 0,
    refused: 0,
    retried: 0,
    rx: 0,
    tx: 0,
    rx_datagrams: 0,
    tx_datagrams: 0,
    priority: 1,
    weight: 1,
    weight_override: false,
    max_connections: 0,
    max_connections_override: false,
    is_dynamic: false,
    changed_at: new Date(SAMPLE_AT - 133_000).toISOString(),
    rates: NO_RATES,
    ...given,
  };
}

export function sampleServer(name: string, backends: readonly Backend[], given: Partial<Server> = {}): Server {
  return {
    name,
    protocol: 'tcp',
    balance: 'weight',
    engine: 'epoll',
    binds: [':80'],
    addresses: ['*:80'],
    max_connections: 0,
    active: 0,
    waiting: 0,
    peak: 0,
    accepted: 0,
    no_backend: 0,
    no_resources: 0,
    refused: backends.reduce((sum, { refused }) => sum + refused, 0),
    rx: 0,
    tx: 0,
    rx_datagrams: 0,
    tx_datagrams: 0,
    drops: {},
    rates: NO_RATES,
    backends: [...backends],
    ...given,
  };
}

export function sampleSnapshot(...servers: readonly Server[]): Snapshot {
  return {
    at: new Date(SAMPLE_AT).toISOString(),
    process: { uptime_ms: 11_100_000, rss_bytes: 89_000_000, cpu: 0.123, loop_delay_ms: 1.2, open_files: 234 },
    threads: [
      { number: 0, engine: 'epoll', connections: 7, accepted: 100 },
      { number: 1, engine: 'epoll', connections: 5, accepted: 90 },
    ],
    servers: [...servers],
  };
}

export const SAMPLE_INFO: Info = {
  version: '0.1.0',
  pid: 4711,
  started_at: new Date(SAMPLE_AT - 11_100_000).toISOString(),
  uptime_ms: 11_100_000,
  engine: 'epoll',
  threads: [],
  log_level: 'info',
  open_files_limit: 65_536,
  rss_bytes: 89_000_000,
  cpu: 0.123,
  loop_delay_ms: 1.2,
};

export function sampleConnection(id: string, given: Partial<Connection> = {}): Connection {
  return {
    id,
    server: 'web',
    client: `192.0.2.7:${id}`,
    backend: '10.0.0.1:80',
    stage: 'connected',
    age_ms: 5300,
    queue_ms: 0,
    rx: 4096,
    tx: 512,
    tried: [],
    ...given,
  };
}
