/**
 * What gobetween's configuration has and this version does not, by the table it stands in. A server's name counts as
 * `*`. With each part that is built, its lines leave this file.
 */

/** Sections and keys that are not built yet. */
const NOT_BUILT_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': ['acme'],
  'servers.*': ['tls', 'backends_tls'],
};

/** Values that are not built yet. */
const NOT_BUILT_VALUES: Readonly<Record<string, readonly string[]>> = {
  'servers.*.protocol': ['tls'],
  'servers.*.discovery.kind': ['srv', 'docker', 'json', 'consul', 'lxd'],
};

/** A part of gobetween that is not built yet. */
export interface MissingPart {
  readonly name: string;
  /** What its absence means for the servers that want it. */
  readonly meaning: string;
}

/** By the words of the file that want them. */
const PARTS: Readonly<Record<string, MissingPart>> = {
  acme: { name: 'certificates by ACME', meaning: 'no certificate would be fetched or renewed' },
  backends_tls: { name: 'TLS towards backends', meaning: 'backends would be spoken to in plain text' },
  tls: { name: 'TLS towards clients', meaning: 'what clients send would not be decrypted' },
};

/** The part that a key, a value or an option wants, each of which is not built yet. */
export function missingPart(word: string): MissingPart {
  return PARTS[word] ?? { name: `discovery by ${word}`, meaning: 'the server would have no backends' };
}

/** The keys of the discovery kinds that are not built yet. */
const DISCOVERY_KEYS: Readonly<Record<string, readonly string[]>> = {
  srv: ['srv_lookup_server', 'srv_lookup_pattern', 'srv_dns_protocol'],
  docker: [
    'docker_endpoint',
    'docker_container_label',
    'docker_container_private_port',
    'docker_container_host_env_var',
    'docker_tls_enabled',
    'docker_tls_cert_path',
    'docker_tls_key_path',
    'docker_tls_cacert_path',
  ],
  json: [
    'json_endpoint',
    'json_host_pattern',
    'json_port_pattern',
    'json_weight_pattern',
    'json_priority_pattern',
    'json_sni_pattern',
    'json_max_connections_pattern',
  ],
  consul: [
    'consul_host',
    'consul_service_name',
    'consul_service_tag',
    'consul_service_passing_only',
    'consul_datacenter',
    'consul_auth_username',
    'consul_auth_password',
    'consul_acl_token',
    'consul_tls_enabled',
    'consul_tls_cert_path',
    'consul_tls_key_path',
    'consul_tls_cacert_path',
  ],
  lxd: [
    'lxd_server_address',
    'lxd_server_remote_name',
    'lxd_server_remote_password',
    'lxd_config_directory',
    'lxd_generate_client_certs',
    'lxd_accept_server_cert',
    'lxd_container_label_key',
    'lxd_container_label_value',
    'lxd_container_port',
    'lxd_container_port_key',
    'lxd_container_interface',
    'lxd_container_interface_key',
    'lxd_container_sni_key',
    'lxd_container_address_type',
  ],
};

/** Keys that many gobetween files carry and that gobetween itself ignores: dead anywhere, or in one table only. */
const DEAD_KEYS: readonly string[] = [
  'prefer_server_ciphers',
  'sni_enabled',
  'acme_enabled',
  'consul_service_datacenter',
  'ping_timeout_duration',
];
const DEAD_KEYS_IN: Readonly<Record<string, readonly string[]>> = {
  defaults: ['balance'],
  'servers.*': ['tcp'],
};

/** The keys of a table that gobetween has and this version has not. */
export function notBuiltKeys(table: string): readonly string[] {
  return NOT_BUILT_KEYS[table] ?? [];
}

/** The values of a key that gobetween has and this version has not. */
export function notBuiltValues(key: string): readonly string[] {
  return NOT_BUILT_VALUES[key] ?? [];
}

/** The kind that is not built yet and has this key. */
export function notBuiltKindOf(table: string, key: string): string | undefined {
  if (table !== 'servers.*.discovery') return undefined;
  return Object.keys(DISCOVERY_KEYS).find((kind) => DISCOVERY_KEYS[kind]?.includes(key));
}

/** All keys of a table that only kinds have that are not built yet. */
export function keysOfNotBuiltKinds(table: string): readonly string[] {
  return table === 'servers.*.discovery' ? Object.values(DISCOVERY_KEYS).flat() : [];
}

export function isDeadKey(table: string, key: string): boolean {
  return DEAD_KEYS.includes(key) || (DEAD_KEYS_IN[table]?.includes(key) ?? false);
}
