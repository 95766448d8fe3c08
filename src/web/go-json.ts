/** What Go's encoding/json can be given: a struct is a table in its own order of keys, a map is a Map. */
export type GoValue = string | number | boolean | null | readonly GoValue[] | GoStruct | ReadonlyMap<string, GoValue>;
export interface GoStruct {
  readonly [key: string]: GoValue;
}

const INDENT = '    ';

/**
 * A value byte for byte as gobetween answers it: indented by four spaces, maps sorted by the bytes of their keys,
 * characters that mean something in HTML escaped, no line end behind it.
 */
export function goJson(value: GoValue): string {
  return encode(value, '\n');
}

/** @param line a line end and the indentation of the value */
function encode(value: GoValue, line: string): string {
  if (typeof value !== 'object' || value === null) return escapeHtml(JSON.stringify(value));
  const inner = line + INDENT;
  if (isList(value))
    return enclosed(
      '[',
      ']',
      value.map((element) => encode(element, inner)),
      line,
    );
  const members = entriesOf(value).map(([key, child]) => `${encode(key, inner)}: ${encode(child, inner)}`);
  return enclosed('{', '}', members, line);
}

function enclosed(open: string, close: string, parts: readonly string[], line: string): string {
  if (parts.length === 0) return open + close;
  return open + parts.map((part) => line + INDENT + part).join(',') + line + close;
}

function entriesOf(value: GoStruct | ReadonlyMap<string, GoValue>): readonly (readonly [string, GoValue])[] {
  return value instanceof Map ? [...sortedByKey(value)] : Object.entries(value);
}

/** As Go sorts the keys of maps: by their bytes in UTF-8. */
export function sortedByKey<Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  const entries = [...map].map(([key, value]) => ({ bytes: Buffer.from(key), key, value }));
  entries.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  return new Map(entries.map(({ key, value }) => [key, value]));
}

function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function isList(value: object): value is readonly GoValue[] {
  return Array.isArray(value);
}
