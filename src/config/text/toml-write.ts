/** What can be written as TOML; what is null is left out, for TOML has no word for it. A Map keeps its order. */
export type TomlValue = string | number | boolean | null | readonly TomlValue[] | TomlTable;
export type TomlTable = { readonly [key: string]: TomlValue } | ReadonlyMap<string, TomlValue>;

/** A text of TOML 1.0 in gobetween's style: the keys of a table, then the tables in it, each two spaces further in. */
export function tomlText(root: TomlTable): string {
  const sections = tablesIn(root).map(([key, table]) => sectionLines([key], table).join('\n'));
  const blocks = [keyLines(root, '').join('\n'), ...sections].filter((block) => block !== '');
  return blocks.map((block) => `${block}\n`).join('\n');
}

function sectionLines(path: readonly string[], table: TomlTable): readonly string[] {
  const below = tablesIn(table).flatMap(([key, child]) => sectionLines([...path, key], child));
  return [
    `${indentOf(path.length - 1)}[${path.map(keyText).join('.')}]`,
    ...keyLines(table, indentOf(path.length)),
    ...below,
  ];
}

function indentOf(level: number): string {
  return '  '.repeat(level);
}

function keyLines(table: TomlTable, indent: string): readonly string[] {
  return entriesOf(table).flatMap(([key, value]) =>
    isTable(value) ? [] : [`${indent}${keyText(key)} = ${valueText(value)}`],
  );
}

function tablesIn(table: TomlTable): readonly (readonly [string, TomlTable])[] {
  return entriesOf(table).flatMap(([key, value]) => (isTable(value) ? [[key, value] as const] : []));
}

type Present = Exclude<TomlValue, null>;

function entriesOf(table: TomlTable): readonly (readonly [string, Present])[] {
  const entries = isMap(table) ? [...table] : Object.entries(table);
  return entries.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]));
}

function valueText(value: Present): string {
  if (typeof value === 'string') return stringText(value);
  if (typeof value !== 'object') return String(value);
  if (isTable(value))
    return `{ ${entriesOf(value)
      .map(([key, child]) => `${keyText(key)} = ${valueText(child)}`)
      .join(', ')} }`;
  return `[${value.flatMap((element) => (element === null ? [] : [valueText(element)])).join(', ')}]`;
}

function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : stringText(key);
}

/** JSON's escapes are TOML's; only DEL has to be escaped here, and half of a surrogate pair cannot be written at all. */
function stringText(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll('\u007f', '\\u007f');
}

function isTable(value: TomlValue): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMap(table: TomlTable): table is ReadonlyMap<string, TomlValue> {
  return table instanceof Map;
}
