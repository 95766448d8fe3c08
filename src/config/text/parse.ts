import type { Problem } from '../problem/problem.ts';
import { decode } from './decode.ts';
import { jsonPlaces, parseJson } from './json.ts';
import type { Place } from './place.ts';
import { parseToml, tomlPlaces } from './toml.ts';
import { literal, substitute, type Substituted } from './variables.ts';

export type ConfigFormat = 'toml' | 'json';

export interface ParseInput {
  readonly bytes: Uint8Array;
  readonly format: ConfigFormat;
  /** Present: `${NAME}` in the text is replaced from it before parsing. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

export interface ParsedFile {
  readonly content: Substituted;
  /** Tables and lists as the file has them; absent when it could not be parsed. */
  readonly value?: unknown;
  readonly problems: readonly Problem[];
  /** Where each key and value stands. Parses a second time, so ask only when there is something to point at. */
  places(): Promise<Place | undefined>;
}

/** Bytes to values, in TOML or JSON. */
export async function parseFile({ bytes, format, env }: ParseInput): Promise<ParsedFile> {
  const decoded = decode(bytes);
  if ('faults' in decoded) {
    const problems = decoded.faults.map((fault) => ({ ...fault, path: [] }));
    return { content: literal(''), problems, places: async () => undefined };
  }
  const content = env === undefined ? literal(decoded.value) : substitute(decoded.value, env);
  const { text } = content;
  const { value, problems } = format === 'toml' ? await parseToml(text) : parseJson(text);
  const foreign = problems.length > 0 ? foreignFormat(text, format) : undefined;
  const places = async () => (format === 'toml' ? tomlPlaces(text) : jsonPlaces(text));
  return { content, ...(value !== undefined && { value }), problems: foreign ?? problems, places };
}

/** How TOML begins: with a comment, the heading of a table, or a key and its value. */
const TOML_START = /^\s*(?:#|\[\[?[^\]\n"{,]+\]|[\w."-]+\s*=)/;

/** A text of the other format is told so, instead of what is wrong with its first character. */
function foreignFormat(text: string, format: ConfigFormat): readonly Problem[] | undefined {
  const isOther = format === 'toml' ? /^\s*\{/.test(text) : TOML_START.test(text);
  if (!isOther) return undefined;
  const [name, other] = format === 'toml' ? ['JSON', 'json'] : ['TOML', 'toml'];
  const index = text.search(/\S/);
  const message = `this looks like ${name}, and is read as ${format === 'toml' ? 'TOML' : 'JSON'}`;
  return [{ code: 'TSLB_CONFIG_SYNTAX', path: [], index, message, suggestion: `add -f ${other}` }];
}
