import { REDACTED } from '../../config/problem/secret-words.ts';
import { replaceSecrets } from '../../config/schema/redact.ts';
import type { JsonTable, JsonValue } from '../../core/json.ts';
import type { Redaction } from '../../core/reading.ts';
import type { Config } from './config.ts';
import { DEFAULTS, type OptionKey } from './options.ts';
import { serverSchema } from './schema.ts';
import { SNI_DEFAULTS } from './sni.ts';

/** What gobetween lets a server take from `[defaults]`. */
const INHERITED = [
  'max_connections',
  'client_idle_timeout',
  'backend_idle_timeout',
  'backend_connection_timeout',
] as const satisfies readonly OptionKey[];

/** gobetween's keys of a server in its order, with what they are when they are absent. Tables follow below. */
const SERVER: JsonTable = {
  ...pick(DEFAULTS as JsonTable, INHERITED),
  bind: '',
  protocol: 'tcp',
  balance: 'weight',
  sni: null,
  tls: null,
  backends_tls: null,
  udp: null,
  access: null,
  proxy_protocol: null,
  discovery: null,
  healthcheck: null,
};
const ACCESS = { default: 'allow', rules: null };
const DISCOVERY = { kind: 'static', failpolicy: 'keeplast', interval: '0', timeout: '0' };
const HEALTHCHECK = { kind: 'none', interval: '0', passes: 1, fails: 1, timeout: '0', initial_status: null };

/** All keys of a kind are shown. */
const HEALTHCHECK_KINDS: Readonly<Record<string, JsonTable>> = {
  exec: { exec_command: '', exec_expected_positive_output: '', exec_expected_negative_output: '' },
  probe: { probe_protocol: '', probe_strategy: 'starts_with', probe_send: '', probe_recv: '', probe_recv_len: 0 },
};

/**
 * A server as gobetween's API shows it: its keys in its order, with what is in force where they were not given, then
 * our own that were given. Texts stand as they were given.
 * @returns undefined where there is no such server
 */
export function serverForm(
  { tables }: Config,
  name: string,
  { secrets = false }: Redaction = {},
): JsonTable | undefined {
  const servers = tableOf(tables['servers']);
  if (!Object.hasOwn(servers, name)) return undefined;
  const server = tableOf(servers[name]);
  const shown = secrets ? server : (replaceSecrets(serverSchema, server, () => REDACTED) as JsonTable);
  return serverFormOf(shown, pick(tableOf(tables['defaults']), INHERITED));
}

/** All servers, by name, in the order of the configuration. */
export function serverForms(config: Config, redaction: Redaction = {}): ReadonlyMap<string, JsonTable> {
  return new Map(config.servers.map(({ name }) => [name, serverForm(config, name, redaction) ?? {}]));
}

function serverFormOf(given: JsonTable, inherited: JsonTable): JsonTable {
  const { bind = '', sni, access, discovery, healthcheck } = given;
  return {
    ...SERVER,
    ...inherited,
    ...given,
    bind: bindForm(bind),
    sni: sni === undefined ? null : { ...SNI_DEFAULTS, ...tableOf(sni) },
    access: access === undefined ? null : { ...ACCESS, ...tableOf(access) },
    discovery: { ...DISCOVERY, ...tableOf(discovery) },
    healthcheck: healthcheckForm(tableOf(healthcheck)),
  };
}

/** In gobetween it is a text; a port alone has one too. */
function bindForm(bind: JsonValue): JsonValue {
  if (typeof bind === 'number') return `:${bind}`;
  if (!isList(bind)) return bind;
  const [first = '', ...others] = bind.map(bindForm);
  return others.length === 0 ? first : [first, ...others];
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function healthcheckForm(given: JsonTable): JsonTable {
  const { kind } = given;
  const isNamed = typeof kind === 'string' && Object.hasOwn(HEALTHCHECK_KINDS, kind);
  return { ...HEALTHCHECK, ...(isNamed && HEALTHCHECK_KINDS[kind]), ...given };
}

/** In the order of the keys. */
function pick(table: JsonTable, keys: readonly string[]): JsonTable {
  return Object.fromEntries(keys.flatMap((key) => (table[key] === undefined ? [] : [[key, table[key]]])));
}

function tableOf(value: JsonValue | undefined): JsonTable {
  return typeof value === 'object' && value !== null && !isList(value) ? value : {};
}
