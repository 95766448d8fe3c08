import { REDACTED } from '../../config/problem/secret-words.ts';
import { replaceSecrets } from '../../config/schema/redact.ts';
import { tomlText } from '../../config/text/toml-write.ts';
import type { JsonTable, JsonValue } from '../../core/json.ts';
import type { Redaction } from '../../core/reading.ts';
import { goJson, sortedByKey } from '../../web/go-json.ts';
import type { Config } from './config.ts';
import { configSchema } from './schema.ts';
import { serverForms } from './server-form.ts';

type DumpForm = Readonly<Record<string, JsonValue | ReadonlyMap<string, JsonTable>>>;

/** gobetween's sections in its order. */
const SECTIONS = ['logging', 'api', 'metrics', 'defaults', 'acme', 'profiler'] as const;
const OUR_SECTIONS = ['dns', 'process', 'stats'] as const;

/** The whole configuration, as a file that means the same; what is redacted has to be filled in by hand. */
export function dumpText(config: Config, format: 'toml' | 'json', redaction: Redaction = {}): string {
  const form = dumpForm(config, redaction);
  return format === 'toml' ? tomlText(form) : goJson(form);
}

/** The servers are a map. Absent sections of gobetween's dump are null; of our own, absent sections are left out. */
function dumpForm(config: Config, redaction: Redaction): DumpForm {
  const sections: JsonTable = { ...config.tables, servers: {} };
  const shown =
    redaction.secrets === true ? sections : (replaceSecrets(configSchema, sections, () => REDACTED) as JsonTable);
  const ours = OUR_SECTIONS.flatMap((name) => (shown[name] === undefined ? [] : [[name, shown[name]] as const]));
  return {
    ...Object.fromEntries(SECTIONS.map((name) => [name, shown[name] ?? null])),
    servers: sortedByKey(serverForms(config, redaction)),
    ...Object.fromEntries(ours),
  };
}
