import fc from 'fast-check';

import { balancers } from '../../../src/balance/registry.ts';
import { kindsOf } from '../../../src/config/schema/kind.ts';

/**
 * Tables of any good configuration: every section and key, texts with whatever may stand in them, names of servers that
 * have to be quoted.
 */

const duration = fc.constantFrom('0', '1s', '1.5s', '+2m', '1h30m', '.5s', '60000ms');
const anyText = fc.string({ unit: 'grapheme', minLength: 1 });
const printable = fc.stringMatching(/^[^\p{C}:]+$/u);
/** Each port once, so that no two listen at one address. */
const port = (index: number) => 10_000 + index;

function some<Shape extends Record<string, unknown>>(shape: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }) {
  return fc.record(shape, { requiredKeys: [] });
}

const login = fc.record({
  login: printable,
  password: fc.stringMatching(/^\P{Cc}+$/u).filter((text) => text !== '[redacted]'),
});
const tls = fc.record({ cert_path: anyText, key_path: anyText });

const logging = some({
  level: fc.constantFrom('panic', 'WARN', 'info', 'trace'),
  output: anyText,
  format: fc.constantFrom('text', 'json'),
  access_log: anyText,
});

const api = fc
  .tuple(some({ cors: fc.boolean(), state_file: anyText, tls, basic_auth: login }), fc.boolean())
  .map(([keys, enabled]) => ({ ...keys, enabled, bind: 'localhost:1' }));
const metrics = fc.boolean().map((enabled) => ({ enabled, bind: 2 }));
const profiler = fc
  .tuple(some({ tls, basic_auth: login }), fc.boolean())
  .map(([keys, enabled]) => ({ ...keys, enabled, bind: '127.0.0.1:3' }));
const stats = fc
  .tuple(
    some({
      uri: fc.constantFrom('/stats', '/a/b-c_d.e~f'),
      refresh: duration,
      realm: fc.stringMatching(/^[ !#-[\]-~]+$/),
      admin: fc.boolean(),
      tls,
    }),
    login,
    fc.boolean(),
  )
  .map(([keys, basic_auth, enabled]) => ({ ...keys, enabled, basic_auth, bind: 'unix:/run/any.sock' }));

const options = {
  max_connections: fc.nat(10_000),
  max_connections_per_client: fc.nat(100),
  client_prefix_v6: fc.constantFrom(1, 48, 64, 128),
  connection_rate_per_client: fc.constantFrom('0', '10/s', '5/m', '1/h'),
  client_idle_timeout: duration,
  backend_idle_timeout: duration,
  client_fin_timeout: duration,
  backend_fin_timeout: duration,
  unacknowledged_timeout: duration,
  keepalive_idle: duration,
  keepalive_interval: fc.constantFrom('1s', '1m'),
  keepalive_count: fc.constantFrom(1, 9, 127),
  source_address: fc.constantFrom('10.0.0.7', ['10.0.0.7', 'fd00::7'], []),
  backend_connection_timeout: duration,
  retries: fc.nat(100),
  max_fails: fc.nat(1000),
  fail_timeout: fc.constantFrom('1s', '10s'),
  panic_threshold: fc.nat(100),
  on_down: fc.constantFrom('keep', 'close'),
  slow_start: duration,
  queue_timeout: duration,
  queue_size: fc.nat(1000),
  queue_per_client: fc.nat(10),
  queue_when_down: fc.boolean(),
  sticky: fc.constantFrom('none', 'client_ip'),
  sticky_expire: fc.constantFrom('1m', '30m'),
  engine: fc.constantFrom('auto', 'net'),
};

const access = some({
  default: fc.constantFrom('allow', 'deny'),
  rules: fc.array(fc.constantFrom('allow 10.0.0.0/8', 'deny  ::1', ' allow 192.0.2.1 '), { maxLength: 3 }),
});

const backend = fc.constantFrom(
  'a:1',
  'localhost:80  weight=2',
  '[::1]:81 state=draining',
  'unix:/run/a.sock',
  ' b:2 ',
);
const discovery = fc
  .tuple(
    some({ interval: duration, timeout: duration, failpolicy: fc.constantFrom('keeplast', 'setempty') }),
    fc.array(backend, { maxLength: 4 }),
  )
  .map(([keys, static_list]) => ({ ...keys, kind: 'static', static_list }));

const checkOptions = {
  timeout: duration,
  passes: fc.nat(3),
  fails: fc.nat(3),
  initial_status: fc.constantFrom('healthy', 'unhealthy'),
  port: fc.integer({ min: 1, max: 65_535 }),
  fast_interval: duration,
};

/** Texts of a probe with escapes of Go, and of bytes that JSON and TOML escape. */
const probed = fc.constantFrom('PING\\r\\n', '\\x00\\xff', '\\u00e9\\\\', 'a"b', "it's", 'two\nlines\ttab', '\\101');

const kindOfCheck = fc.oneof(
  fc.constantFrom({ kind: 'none' }, { kind: 'ping' }),
  fc
    .tuple(fc.constantFrom('tcp', 'udp'), probed, fc.option(probed, { nil: undefined }))
    .map(([probe_protocol, probe_recv, probe_send]) => ({
      kind: 'probe',
      probe_protocol,
      probe_recv,
      ...(probe_protocol === 'tcp' && { probe_banner: '220' }),
      ...((probe_send !== undefined || probe_protocol === 'udp') && { probe_send: probe_send ?? 'ask' }),
    })),
  fc.constant({
    kind: 'probe',
    probe_protocol: 'tls',
    probe_strategy: 'regexp',
    probe_recv: '(?i)^\\+PONG$',
    probe_recv_len: 5,
    probe_tls_ignore_verify: true,
  }),
  fc.constantFrom<string | string[]>('/bin/check', ['/bin/check', '--a b', '"']).map((exec_command) => ({
    kind: 'exec',
    exec_command,
    exec_expected_positive_output: '1\n',
  })),
  some({
    http_method: fc.constantFrom('GET', 'OPTIONS'),
    http_path: fc.constantFrom('/', '/health?a=b&c=<d>'),
    http_expected_status: fc.constantFrom('2xx', '200,204'),
    http_expected_body: fc.constantFrom('(?s)a.b', '\\d+'),
    http_tls: fc.boolean(),
  }).map((keys) => ({ ...keys, kind: 'http' })),
);
const healthcheck = fc
  .tuple(some(checkOptions), kindOfCheck)
  .map(([keys, kind]) => ({ ...keys, ...kind, ...(kind.kind !== 'none' && { interval: '2s' }) }));

const NO_NAMES: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
  '.',
  '..',
]);
const serverName = fc
  .oneof(
    fc.stringMatching(/^[^/\p{Cc}]+$/u),
    fc.constantFrom(
      'web',
      '10',
      '9',
      'a.b',
      'a b',
      'it\'s "it"',
      'ö',
      '日本',
      '\u{1f600}',
      '<&>',
      '\\',
      '#',
      '[x]',
      ' ',
    ),
  )
  .filter((name) => !NO_NAMES.has(name));

/** A port, a list with it, and others beside it. */
const bind = fc.constantFrom<(index: number) => unknown>(
  (index) => port(index),
  (index) => `:${port(index)}`,
  (index) => [`127.0.0.1:${port(index)}`],
  (index) => [`[::1]:${port(index)}`, `unix:/run/server ${index}.sock`, 20_000 + index],
);

const proxy = {
  proxy_protocol: fc
    .tuple(some({ tlvs: fc.constantFrom([], ['crc32c'], ['authority', 'ssl']) }), fc.constantFrom('1', '2'))
    .map(([keys, version]) => ({ ...keys, version })),
  accept_proxy: fc.constant('require'),
  accept_proxy_from: fc.constantFrom(['10.0.0.0/8', '::1'], []),
  accept_proxy_timeout: fc.constantFrom('1s', '5s'),
};
const sni = some({
  hostname_matching_strategy: fc.constantFrom('exact', 'regexp', 'wildcard'),
  unexpected_hostname_strategy: fc.constantFrom('default', 'reject', 'any'),
  read_timeout: fc.constantFrom('2s', '500ms'),
  silent_clients: fc.constantFrom('close', 'default'),
  plain_clients: fc.constantFrom('close', 'default'),
  max_hello: fc.constantFrom(1024, 65_536),
});

const server = fc
  .tuple(some({ balance: fc.constantFrom(...kindsOf(balancers)), protocol: fc.constant('tcp') }), some(options))
  .chain(([own, taken]) =>
    fc
      .tuple(bind, discovery, some({ access, healthcheck, sni, ...proxy }))
      .map(([bindAt, source, rest]) => ({ bindAt, table: { ...taken, ...own, ...rest, discovery: source } })),
  );

const udp = some({
  max_requests: fc.nat(3),
  max_responses: fc.nat(3),
  balance_per: fc.constantFrom('session', 'datagram'),
  transparent: fc.boolean(),
  max_sessions: fc.integer({ min: 1, max: 100_000 }),
  receive_buffer: fc.constantFrom(65_536, 8_388_608),
});
const udpServer = fc
  .tuple(udp, discovery, some({ access, balance: fc.constantFrom(...kindsOf(balancers)) }))
  .map(([udpTable, source, rest]) => ({
    bindAt: (index: number): unknown => [port(index), `127.0.0.1:${20_000 + index}`],
    table: { protocol: 'udp', client_idle_timeout: '30s', udp: udpTable, ...rest, discovery: source },
  }));

const servers = fc
  .uniqueArray(fc.tuple(serverName, fc.oneof(server, udpServer)), { selector: ([name]) => name, maxLength: 4 })
  .map((list) =>
    // Object.fromEntries would take `__proto__` for a name; it is none here.
    Object.fromEntries(list.map(([name, { bindAt, table }], index) => [name, { ...table, bind: bindAt(index) }])),
  );

export const anyTables = some({
  logging,
  api,
  metrics,
  profiler,
  stats,
  dns: some({ max_ttl: fc.constantFrom('1s', '10m') }),
  process: some({ threads: fc.integer({ min: 1, max: 256 }) }),
  defaults: some(options),
  servers,
});
