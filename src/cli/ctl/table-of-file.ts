import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

import { diagnosticLine } from '../../config/problem/diagnostic-line.ts';
import { type ConfigFormat, parseFile } from '../../config/text/parse.ts';
import { diagnose } from '../../config/text/source.ts';
import { asError, TslbError } from '../../core/errors.ts';

/**
 * The table of one server from a file, or from stdin for `-`: its keys alone, or the section `[servers.NAME]` of a whole
 * configuration.
 * @param format absent: by the extension, `.json` or else TOML
 * @throws TslbError TSLB_USAGE
 */
export async function tableOf(file: string, server: string, format: string | undefined): Promise<unknown> {
  const bytes = await bytesOf(file);
  const chosen: ConfigFormat = (format ?? formatOf(file, bytes)) === 'json' ? 'json' : 'toml';
  const parsed = await parseFile({ bytes, format: chosen });
  const { value, problems, content } = parsed;
  if (value === undefined || problems.length > 0) {
    const [first] = diagnose({ file, content, places: await parsed.places(), secrets: [] }, problems);
    throw new TslbError('TSLB_USAGE', first === undefined ? `${file} cannot be read` : diagnosticLine(first));
  }
  const servers = fieldOf(value, 'servers');
  if (servers === undefined) return value;
  const table = fieldOf(servers, server);
  if (table !== undefined) return table;
  throw new TslbError('TSLB_USAGE', `${file} has no section [servers.${server}]`);
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(file);
  } catch (cause) {
    throw new TslbError('TSLB_USAGE', `${file} cannot be read: ${asError(cause).message}`, { cause });
  }
}

function formatOf(file: string, bytes: Uint8Array): ConfigFormat {
  const isJson = file.toLowerCase().endsWith('.json') || (file === '-' && bytes[0] === '{'.charCodeAt(0));
  return isJson ? 'json' : 'toml';
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
