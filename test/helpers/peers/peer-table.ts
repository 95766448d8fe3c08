import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Compiled tests stand in dist/test/helpers/peers. */
const PAGE = fileURLToPath(new URL('../../../../docs/proxy-peers.md', import.meta.url));

const IS_UPDATE = process.env['UPDATE_PEERS'] !== undefined;

/** What was seen of one program: its name, its version, and a verdict for each column. */
export interface PeerRow {
  readonly name: string;
  readonly version: string;
  readonly verdicts: readonly string[];
}

/** One table of docs/proxy-peers.md. */
export class PeerTable {
  readonly #name: string;
  readonly #columns: readonly string[];
  readonly #rows: readonly (readonly string[])[];

  /** @param name of the table, as in the comments around it */
  constructor(name: string, columns: readonly string[]) {
    this.#name = name;
    this.#columns = columns;
    const { text } = this.#place();
    this.#rows = text.split('\n').map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }

  /** What the page says of a program, unless it is to be written anew. */
  expected(program: string, column: string): string | undefined {
    if (IS_UPDATE) return undefined;
    return this.#rowOf(program)[this.#columns.indexOf(column) + 2];
  }

  /**
   * Compares what was seen with the page, or writes it there when UPDATE_PEERS is set. Versions may differ, and programs
   * that are not installed may be missing; verdicts may not.
   */
  check(rows: readonly PeerRow[]): void {
    if (IS_UPDATE) return this.#write(rows);
    for (const { name, version, verdicts } of rows) {
      const [, printedVersion, ...expected] = this.#rowOf(name);
      const hint = `${name} ${version}; the page is of ${printedVersion ?? 'other programs'}. Is it so? Then: UPDATE_PEERS=1`;
      const named = (cells: readonly string[]) =>
        Object.fromEntries(this.#columns.map((column, at) => [column, cells[at]]));
      assert.deepEqual(named(verdicts), named(expected), hint);
    }
  }

  #rowOf(program: string): readonly string[] {
    return this.#rows.find(([first]) => first === program) ?? [];
  }

  #write(rows: readonly PeerRow[]): void {
    const { before, after } = this.#place();
    const header = ['Program', 'Version', ...this.#columns];
    writeFileSync(PAGE, `${before}\n\n${tableText(header, rows)}\n${after}`);
  }

  #place(): { readonly before: string; readonly text: string; readonly after: string } {
    const page = readFileSync(PAGE, 'utf8');
    const start = `<!-- ${this.#name}: written by UPDATE_PEERS=1 npm run test:system -- peers -->`;
    const [from, to] = [page.indexOf(start) + start.length, page.indexOf(`<!-- end of ${this.#name} -->`)];
    assert.ok(from >= start.length && to >= from, `docs/proxy-peers.md has no place for the table ${this.#name}`);
    return { before: page.slice(0, from), text: page.slice(from, to), after: page.slice(to) };
  }
}

/** As prettier would have it. */
function tableText(header: readonly string[], rows: readonly PeerRow[]): string {
  const lines = [header, ...rows.map(({ name, version, verdicts }) => [name, version, ...verdicts])];
  const widths = header.map((_, at) => Math.max(3, ...lines.map((cells) => cells[at]?.length ?? 0)));
  const text = (cells: readonly string[], fill: string) =>
    `| ${widths.map((width, at) => (cells[at] ?? '').padEnd(width, fill)).join(' | ')} |\n`;
  const [first = [], ...others] = lines;
  return text(first, ' ') + text([], '-') + others.map((cells) => text(cells, ' ')).join('');
}
