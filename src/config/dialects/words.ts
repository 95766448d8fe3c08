/** What a key of HAProxy or nginx is here. */
export interface Ours {
  readonly key: string;
  /** As TOML writes it, where the word stands for a certain value. */
  readonly value?: string;
}

/** Words of HAProxy and nginx, and what people write from memory; with `_` where those have a blank or `-`. */
const WORDS: Readonly<Record<string, Ours>> = {
  check_port: { key: 'port' },
  expect: { key: 'http_expected_status' },
  fall: { key: 'fails' },
  fastinter: { key: 'fast_interval' },
  inter: { key: 'interval' },
  limit_conn: { key: 'max_connections_per_client' },
  listen: { key: 'bind' },
  max_conns: { key: 'max_connections' },
  maxconn: { key: 'max_connections' },
  maxqueue: { key: 'queue_size' },
  nbthread: { key: 'threads' },
  on_marked_down: { key: 'on_down', value: '"close"' },
  option_httpchk: { key: 'kind', value: '"http"' },
  path: { key: 'http_path' },
  proxy_bind: { key: 'source_address' },
  proxy_connect_timeout: { key: 'backend_connection_timeout' },
  proxy_requests: { key: 'max_requests' },
  proxy_responses: { key: 'max_responses' },
  rise: { key: 'passes' },
  slowstart: { key: 'slow_start' },
  source: { key: 'source_address' },
  listen_stats: { key: 'stats' },
  stats_admin: { key: 'admin', value: 'true' },
  stats_auth: { key: 'basic_auth' },
  stats_enable: { key: 'enabled', value: 'true' },
  stats_realm: { key: 'realm' },
  stats_refresh: { key: 'refresh' },
  stats_uri: { key: 'uri' },
  stick_table: { key: 'sticky', value: '"client_ip"' },
  timeout_check: { key: 'timeout' },
  timeout_client_fin: { key: 'client_fin_timeout' },
  timeout_client: { key: 'client_idle_timeout' },
  timeout_connect: { key: 'backend_connection_timeout' },
  timeout_queue: { key: 'queue_timeout' },
  timeout_server_fin: { key: 'backend_fin_timeout' },
  timeout_server: { key: 'backend_idle_timeout' },
  uri: { key: 'http_path' },
  worker_processes: { key: 'threads' },
};

/** What the word is here; nothing for a word that is not known from elsewhere. */
export function oursFor(word: string): Ours | undefined {
  const key = word.toLowerCase().replaceAll(/[ -]/g, '_');
  return Object.hasOwn(WORDS, key) ? WORDS[key] : undefined;
}

/** Values from elsewhere, by the key that they stand at, each with what it is here. */
const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  balance: {
    ip_hash: 'iphash',
    least_conn: 'leastconn',
    random: 'random2',
    source: 'iphash',
    'static-rr': 'roundrobin',
  },
  initial_status: { down: 'unhealthy', up: 'healthy' },
  kind: { 'http-check': 'http', httpchk: 'http', https: 'http', script: 'exec', tcp: 'ping', 'tcp-check': 'probe' },
  on_down: { 'shutdown-sessions': 'close' },
  protocol: { http: 'tcp' },
  sticky: { false: 'none', ip: 'client_ip', source: 'client_ip', true: 'client_ip' },
};

/** What a value from elsewhere is here. */
export function valueFor(key: string, value: string): string | undefined {
  const values = Object.hasOwn(VALUES, key) ? VALUES[key] : undefined;
  return values !== undefined && Object.hasOwn(values, value) ? values[value] : undefined;
}
