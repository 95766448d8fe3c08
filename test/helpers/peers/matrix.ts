import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { section, tableRows } from '../texts/markdown.ts';
import { runProgram } from './run-program.ts';

/** Where the matrices of real programs are printed. */
const PAGE = fileURLToPath(new URL('../../../../docs/peers.md', import.meta.url));

/** The engines that each row is seen on. */
export const ENGINES = ['net', 'epoll'] as const;

export interface Row {
  readonly program: string;
  /** As it was seen; not compared, for Debian brings new ones. */
  readonly version: string;
  readonly verdicts: readonly string[];
}

/** A row as it stands in the table: program, version, verdicts. */
export function rowText({ program, version, verdicts }: Row): string {
  return `| ${[program, version, ...verdicts].join(' | ')} |`;
}

/**
 * That the table below a heading of docs/peers.md says of this program what was seen, whatever its version. With
 * UPDATE_PEERS=1 it is made to.
 * @param heading with its `#`
 */
export function assertAsPrinted(heading: string, row: Row): void {
  console.log(rowText(row));
  if (process.env['UPDATE_PEERS'] !== undefined) print(heading, row);
  const rows = tableRows(section(readFileSync(PAGE, 'utf8'), heading));
  const printed = rows.find(([program]) => program === row.program);
  assert.ok(printed !== undefined, `docs/peers.md ${heading} has no row for ${row.program}: ${rowText(row)}`);
  assert.deepEqual(row.verdicts, printed.slice(2), `docs/peers.md ${heading}, ${row.program}`);
}

/** Writes the row into the table, in the place of its program, or at the end. */
function print(heading: string, row: Row): void {
  const page = readFileSync(PAGE, 'utf8');
  const before = section(page, heading);
  const line = before.split('\n').find((text) => text.startsWith(`| ${row.program} `));
  const last = before.split('\n').findLast((text) => text.startsWith('|')) ?? '';
  const after = before.replace(line ?? last, () => (line === undefined ? `${last}\n${rowText(row)}` : rowText(row)));
  writeFileSync(
    PAGE,
    page.replace(before, () => after),
  );
}

/** What is installed of a Debian package, without its epoch and Debian's revision. */
export async function debianVersion(name: string): Promise<string> {
  const { stdout } = await runProgram('dpkg-query', ['-W', '-f', '${Version}', name]);
  return /^(?:\d+:)?([^-+~]*)/.exec(stdout.trim())?.[1] ?? stdout.trim();
}
