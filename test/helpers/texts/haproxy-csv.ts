export interface Csv {
  readonly columns: readonly string[];
  /** By column; every column is there, and may be empty. */
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/**
 * Reads HAProxy's statistics as tools do: a header that begins with `# `, a comma after each field, quotes around a field
 * that holds one.
 * @throws Error on a line with another number of fields than the header
 */
export function parseCsv(text: string): Csv {
  const [header = '', ...lines] = text.split('\n').filter((line) => line !== '');
  if (!header.startsWith('# ')) throw new Error(`no header: ${header}`);
  const columns = fieldsOf(header.slice(2));
  const rows = lines.map((line) => {
    const fields = fieldsOf(line);
    if (fields.length !== columns.length) throw new Error(`${fields.length} fields for ${columns.length}: ${line}`);
    return Object.fromEntries(columns.map((column, index) => [column, fields[index] ?? '']));
  });
  return { columns, rows };
}

/** Each field ends in a comma. */
function fieldsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*)),/g)].map(([, quoted, plain = '']) =>
    quoted === undefined ? plain : quoted.replaceAll('""', '"'),
  );
}
