import { createReadStream } from 'node:fs';

import { ALLOW_ALL } from '../../access/rules.ts';
import { type Diagnostic, isError } from '../../config/problem/diagnostic.ts';
import type { Problem } from '../../config/problem/problem.ts';
import { readBySchema } from '../../config/schema/read.ts';
import { secretPaths } from '../../config/schema/redact.ts';
import { LARGEST_BYTES } from '../../config/text/decode.ts';
import { type ConfigFormat, parseFile } from '../../config/text/parse.ts';
import { diagnose, type Source } from '../../config/text/source.ts';
import { NO_HEALTHCHECK } from '../../control/healthcheck/registry.ts';
import type { NamedAddress } from '../../core/address.ts';
import { asError, errorCode } from '../../core/errors.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Config, ServerConfig } from './config.ts';
import { inheritOptions, type OptionValues } from './options.ts';
import { configSchema, type ConfigValues } from './schema.ts';
import { proxyLimitsOf } from './proxy-protocol.ts';
import { limitsOf, poolSettingsOf } from './settings.ts';
import { udpLimitsOf, udpSchema } from './udp.ts';

export type { ConfigFormat } from '../../config/text/parse.ts';

export interface LoadOptions {
  /** Absent: by the extension of the file, `.json` or else TOML. */
  readonly format?: ConfigFormat | undefined;
  /** Present: `${NAME}` in the text is replaced from it before parsing. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

export interface ConfigSource extends LoadOptions {
  readonly bytes: Uint8Array;
  /** The name that diagnostics show. */
  readonly file: string;
}

export interface LoadedConfig {
  /** Present if and only if no diagnostic is an error. */
  readonly config?: Config;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
  /** For pointing into the file; absent where it could not be read. Parses a second time. */
  readonly source?: () => Promise<Source>;
}

/** Reads, checks and completes a configuration. Opens nothing and starts nothing. */
export async function loadConfig({ bytes, file, format, env }: ConfigSource): Promise<LoadedConfig> {
  const parsed = await parseFile({ bytes, format: format ?? formatOf(file), env });
  const read = parsed.value === undefined ? undefined : readTables(parsed.value);
  const problems = [...parsed.problems, ...(read?.problems ?? [])];
  const source = async (): Promise<Source> => {
    const secrets = secretPaths(configSchema, parsed.value);
    return { file, content: parsed.content, places: await parsed.places(), secrets };
  };
  const result = read?.config !== undefined && !problems.some(isError) ? { config: read.config } : {};
  return { ...result, source, diagnostics: problems.length === 0 ? [] : diagnose(await source(), problems) };
}

/** What a configuration says that is no file: tables put together from others, or a body of the API. */
export interface ReadTables {
  /** Present if and only if no problem is an error. */
  readonly config?: Config;
  readonly problems: readonly Problem[];
}

/** Checks and completes tables as a file would have them. */
export function readTables(given: unknown): ReadTables {
  const { value, tables, problems } = readBySchema(configSchema, given);
  if (value === undefined || problems.some(isError)) return { problems };
  // What the schema has taken is a table, and holds nothing that JSON has not. A copy has no prototypes of the parsers'.
  return { config: complete(value, structuredClone(tables) as JsonTable), problems };
}

/** As loadConfig, from a file; a file that cannot be read gives a diagnostic. */
export async function readConfigFile(path: string, options: LoadOptions = {}): Promise<LoadedConfig> {
  let bytes: Uint8Array;
  try {
    bytes = await readBounded(path);
  } catch (thrown) {
    return { diagnostics: [unreadable(path, thrown)] };
  }
  return loadConfig({ ...options, bytes, file: path });
}

/** One byte more than is allowed is enough to know that there is too much, however much a device or pipe would give. */
async function readBounded(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of createReadStream(path, { end: LARGEST_BYTES })) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function formatOf(file: string): ConfigFormat {
  return file.toLowerCase().endsWith('.json') ? 'json' : 'toml';
}

const READ_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist',
  ENOTDIR: 'the file does not exist: a part of its path is not a directory',
  EISDIR: 'this is a directory, not a file',
  EACCES: 'this user has no permission to read the file',
  EPERM: 'this user has no permission to read the file',
};

function unreadable(file: string, thrown: unknown): Diagnostic {
  const message = READ_FAULTS[errorCode(thrown)] ?? `the file cannot be read: ${asError(thrown).message}`;
  return { severity: 'error', code: 'TSLB_CONFIG_FILE', file, path: '', message };
}

/** Fills in what a server inherits and gives everything its name in the code. */
function complete(values: ConfigValues, tables: JsonTable): Config {
  const { logging, api, metrics, profiler, stats, process, dns, defaults, servers } = values;
  return {
    logging,
    ...(api?.service !== undefined && { api: api.service }),
    ...(metrics !== undefined && { metrics }),
    ...(profiler !== undefined && { profiler }),
    ...(stats !== undefined && { stats }),
    ...(api?.stateFile !== undefined && { stateFile: api.stateFile }),
    ...(process.threads !== undefined && { threads: process.threads }),
    dns,
    servers: Object.entries(servers).map(([name, server]) =>
      completeServer(name, server, defaultsFor(server, defaults, tables)),
    ),
    tables,
  };
}

function bindOf(bind: NamedAddress, { bind_mode: mode, protocol }: ServerValues): NamedAddress {
  if ('path' in bind) return mode === undefined ? bind : { ...bind, mode };
  return protocol === 'udp' ? { ...bind, protocol } : bind;
}

/** A session of UDP has nothing to lose by another backend: its backend's end is its own where nothing else is written. */
function defaultsFor(
  { protocol }: ServerValues,
  defaults: OptionValues,
  { defaults: written }: JsonTable,
): OptionValues {
  const isWritten = typeof written === 'object' && written !== null && 'on_down' in written;
  return protocol === 'udp' && !isWritten ? { ...defaults, on_down: 'close' } : defaults;
}

type ServerValues = ConfigValues['servers'][string];

function completeServer(name: string, server: ServerValues, defaults: OptionValues): ServerConfig {
  const own = inheritOptions(server, defaults);
  return {
    name,
    protocol: server.protocol,
    binds: server.bind.map((bind) => bindOf(bind, server)),
    engine: own.engine,
    balance: server.balance,
    access: server.access ?? ALLOW_ALL,
    discovery: server.discovery,
    healthcheck: server.healthcheck ?? NO_HEALTHCHECK,
    limits: {
      ...limitsOf(own),
      ...proxyLimitsOf(server),
      ...(server.protocol === 'udp' && { udp: udpLimitsOf(server.udp ?? udpSchema.parse({})) }),
      ...(server.sni !== undefined && { serverNames: server.sni }),
    },
    pool: poolSettingsOf(own),
  };
}
