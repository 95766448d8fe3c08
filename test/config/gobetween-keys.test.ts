import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import TOML from '@iarna/toml';

import { loadConfig } from '../../src/app/config/load.ts';
import { reportText } from '../../src/cli/check-report.ts';
import { missingPart, notBuiltKeys, notBuiltValues } from '../../src/config/dialects/gobetween.ts';
import { isTable } from '../../src/config/schema/examine.ts';

/**
 * Every key of gobetween 0.8.2, in files of our own: each is accepted, or answered with what its absence means. A part
 * that is built leaves src/config/dialects/gobetween.ts, and its file has to be accepted from then on.
 */
interface Sample {
  readonly name: string;
  readonly toml: string;
  /** The word that a part is missing by; absent: the file is accepted whatever is built. */
  readonly needs?: string;
}

const STATIC = 'discovery = { kind = "static", static_list = ["localhost:8001"] }';

function server(keys: string, discovery = STATIC): string {
  return `[servers.web]\nbind = ":8080"\n${discovery}\n${keys}\n`;
}

function discovered(kind: string, keys: string): Sample {
  const table = `[servers.web.discovery]\nkind = "${kind}"\ninterval = "10s"\ntimeout = "2s"\nfailpolicy = "setempty"\n`;
  return { name: `discovery ${kind}`, needs: kind, toml: server(table + keys, '') };
}

function checked(keys: string): Sample {
  const common = 'interval = "10s"\ntimeout = "2s"\npasses = 2\nfails = 3\ninitial_status = "unhealthy"';
  return {
    name: `healthcheck ${keys.split('\n', 1).join('')}`,
    toml: server(`[servers.web.healthcheck]\n${common}\n${keys}`),
  };
}

const SAMPLES: readonly Sample[] = [
  {
    name: 'sections beside the servers',
    toml: `
[logging]
level = "info"
output = "stdout"
format = "json"
[api]
enabled = true
bind = ":8888"
cors = false
[api.basic_auth]
login = "admin"
password = "1111"
[api.tls]
cert_path = "/path/to/cert.pem"
key_path = "/path/to/key.pem"
[metrics]
enabled = false
bind = ":9284"
[profiler]
enabled = false
bind = ":6060"
[defaults]
max_connections = 0
client_idle_timeout = "0"
backend_idle_timeout = "0"
backend_connection_timeout = "0"
`,
  },
  {
    name: 'acme',
    needs: 'acme',
    toml: '[acme]\nchallenge = "http"\nhttp_bind = "0.0.0.0:80"\ncache_dir = "/tmp"\n',
  },
  {
    name: 'server',
    toml: server(
      `
protocol = "tcp"
balance = "weight"
max_connections = 10000
client_idle_timeout = "10m"
backend_idle_timeout = "10m"
backend_connection_timeout = "2s"
[servers.web.access]
default = "deny"
rules = ["allow 127.0.0.1", "deny 192.168.56.0/24", "allow ::1"]
[servers.web.discovery]
kind = "static"
failpolicy = "keeplast"
interval = "0"
timeout = "0"
static_list = ["localhost:8001 weight=5 priority=1 max_connections=10", "[::1]:8002"]
`,
      '',
    ),
  },
  ...['weight', 'leastconn', 'roundrobin', 'leastbandwidth', 'iphash', 'iphash1'].map((balance) => ({
    name: `balance ${balance}`,
    toml: server(`balance = "${balance}"`),
  })),
  {
    name: 'protocol tls',
    needs: 'tls',
    toml: server(`
protocol = "tls"
[servers.web.tls]
acme_hosts = []
cert_path = "/path/to/cert.pem"
key_path = "/path/to/key.pem"
ciphers = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]
min_version = "tls1.2"
max_version = "tls1.3"
session_tickets = true
`),
  },
  {
    name: 'backends_tls',
    needs: 'backends_tls',
    toml: server(`
[servers.web.backends_tls]
ignore_verify = false
root_ca_cert_path = "/path/to/ca.pem"
cert_path = "/path/to/cert.pem"
key_path = "/path/to/key.pem"
ciphers = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]
min_version = "tls1.2"
max_version = "tls1.3"
session_tickets = true
`),
  },
  {
    name: 'sni',
    toml: server(
      `
[servers.web.sni]
hostname_matching_strategy = "regexp"
unexpected_hostname_strategy = "reject"
read_timeout = "2s"
[servers.web.discovery]
kind = "static"
static_list = ["localhost:8001 sni=^www\\\\.", "localhost:8002 weight=1 priority=1 max_connections=3 sni=api"]
`,
      '',
    ),
  },
  ...['default', 'reject', 'any'].map((strategy) => ({
    name: `sni ${strategy}`,
    toml: server(`sni = { hostname_matching_strategy = "exact", unexpected_hostname_strategy = "${strategy}" }`),
  })),
  {
    name: 'proxy_protocol',
    needs: 'proxy_protocol',
    toml: server('protocol = "tcp"\nproxy_protocol = { version = "1" }'),
  },
  {
    name: 'udp for DNS',
    needs: 'udp',
    toml: server('protocol = "udp"\nudp = { max_requests = 0, max_responses = 1 }'),
  },
  {
    name: 'udp for syslog',
    needs: 'udp',
    toml: server('protocol = "udp"\n[servers.web.udp]\nmax_requests = 1\n[servers.web.access]\ndefault = "allow"'),
  },
  {
    name: 'udp with times, and transparent',
    needs: 'udp',
    toml: server(`
protocol = "udp"
balance = "iphash1"
client_idle_timeout = "10s"
backend_idle_timeout = "10s"
udp = { transparent = true }
[servers.web.healthcheck]
kind = "probe"
interval = "5s"
timeout = "1s"
probe_protocol = "udp"
probe_send = 'ping'
probe_recv = 'pong'
`),
  },
  discovered('exec', 'exec_command = ["/etc/gobetween/discover.sh", "web"]'),
  discovered(
    'plaintext',
    'plaintext_endpoint = "http://10.0.0.1/list"\nplaintext_regex_pattern = \'^(?P<host>\\S+):(?P<port>\\d+)$\'',
  ),
  discovered('srv', 'srv_lookup_server = "10.0.0.1:53"\nsrv_lookup_pattern = "web.service."\nsrv_dns_protocol = "tcp"'),
  discovered(
    'json',
    `json_endpoint = "http://10.0.0.1/list"
json_host_pattern = "host"
json_port_pattern = "port"
json_weight_pattern = "weight"
json_priority_pattern = "priority"
json_sni_pattern = "sni"
json_max_connections_pattern = "max"`,
  ),
  discovered(
    'docker',
    `docker_endpoint = "unix:///var/run/docker.sock"
docker_container_label = "role=web"
docker_container_private_port = 80
docker_container_host_env_var = "HOST"
docker_tls_enabled = true
docker_tls_cert_path = "cert.pem"
docker_tls_key_path = "key.pem"
docker_tls_cacert_path = "ca.pem"`,
  ),
  discovered(
    'consul',
    `consul_host = "localhost:8500"
consul_service_name = "web"
consul_service_tag = "blue"
consul_service_passing_only = true
consul_datacenter = "dc1"
consul_auth_username = "u"
consul_auth_password = "p"
consul_acl_token = "t"
consul_tls_enabled = true
consul_tls_cert_path = "cert.pem"
consul_tls_key_path = "key.pem"
consul_tls_cacert_path = "ca.pem"`,
  ),
  discovered(
    'lxd',
    `lxd_server_address = "https://localhost:8443"
lxd_server_remote_name = "local"
lxd_server_remote_password = "p"
lxd_config_directory = "/etc/lxc"
lxd_generate_client_certs = true
lxd_accept_server_cert = true
lxd_container_label_key = "user.role"
lxd_container_label_value = "web"
lxd_container_port = 80
lxd_container_port_key = "user.port"
lxd_container_interface = "eth0"
lxd_container_interface_key = "user.interface"
lxd_container_sni_key = "user.sni"
lxd_container_address_type = "IPv4"`,
  ),
  checked('kind = "ping"'),
  checked(`kind = "exec"
exec_command = "/etc/gobetween/check.sh"
exec_expected_positive_output = "1"
exec_expected_negative_output = "0"`),
  checked(`kind = "probe"
probe_protocol = "tcp"
probe_strategy = "starts_with"
probe_send = 'PING\\r\\n'
probe_recv = '+PONG'`),
  checked(`kind = "probe"
probe_protocol = "tls"
probe_strategy = "regexp"
probe_send = 'x'
probe_recv = '^HTTP'
probe_recv_len = 4`),
  { name: 'healthcheck none', toml: server('[servers.web.healthcheck]\nkind = "none"\ninterval = "0"\ntimeout = "0"') },
];

function isBuilt(word: string): boolean {
  const words = [
    ...notBuiltKeys(''),
    ...notBuiltKeys('servers.*'),
    ...notBuiltValues('servers.*.protocol'),
    ...notBuiltValues('servers.*.discovery.kind'),
  ];
  return !words.includes(word);
}

/** `servers.web.bind`, for each value in it. */
function keysIn(tables: unknown, path = ''): readonly string[] {
  if (!isTable(tables)) return [path];
  return Object.entries(tables).flatMap(([key, value]) => keysIn(value, path === '' ? key : `${path}.${key}`));
}

describe('a file for gobetween', () => {
  for (const { name, toml, needs } of SAMPLES) {
    const built = needs === undefined || isBuilt(needs);
    test(`${name} is ${built ? 'accepted, with every key' : 'told what is missing'}`, async () => {
      const { config, diagnostics } = await loadConfig({ bytes: Buffer.from(toml), file: 'gobetween.toml' });
      const report = reportText(diagnostics);
      if (built) {
        assert.ok(config !== undefined, report);
        assert.deepEqual(new Set(keysIn(config.tables)), new Set(keysIn(TOML.parse(toml))));
        return;
      }
      const part = missingPart(needs);
      assert.ok(report.includes(`\nnot built yet: ${part.name} (`), report);
      for (const { severity, code, missing, suggestion } of diagnostics.filter((each) => each.severity === 'error')) {
        assert.deepEqual([severity, code, suggestion], ['error', 'TSLB_CONFIG_NOT_BUILT', undefined], report);
        assert.ok(missing);
      }
    });
  }
});

test('the files together have every key that is taken for missing', () => {
  const keys = new Set(SAMPLES.flatMap(({ toml }) => keysIn(TOML.parse(toml))).map((key) => key.split('.').at(-1)));
  const tables = new Set(SAMPLES.flatMap(({ toml }) => keysIn(TOML.parse(toml))).flatMap((key) => key.split('.')));
  for (const key of [...notBuiltKeys(''), ...notBuiltKeys('servers.*')]) assert.ok(tables.has(key), key);
  // gobetween 0.8.2 has so many; a table of each server counts by its keys.
  assert.ok(keys.size >= 90, `${keys.size}`);
});
