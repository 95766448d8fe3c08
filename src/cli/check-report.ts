import { styleText } from 'node:util';

import { placeText, visible } from '../config/problem/diagnostic-line.ts';
import { type Diagnostic, isError } from '../config/problem/diagnostic.ts';

export interface ReportOptions {
  /** Whether to use colours. Absent: not. */
  readonly hasColour?: boolean;
}

type Style = (format: Parameters<typeof styleText>[0], text: string) => string;

/**
 * Diagnostics for people: for each its place, the source line with a caret, what was expected and a suggestion; then a
 * line for each part that is not built yet, and a count. Nothing from the file reaches the terminal as a control character.
 */
export function reportText(diagnostics: readonly Diagnostic[], { hasColour = false }: ReportOptions = {}): string {
  const style: Style = hasColour
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_, text) => text;
  const parts = diagnostics.map((diagnostic) => diagnosticText(diagnostic, style));
  return [...parts, ...missingPartsText(diagnostics), `${countText(diagnostics)}\n`].join('\n');
}

/**
 * Diagnostics for editors and scripts: `{"ok": …, "diagnostics": […]}`.
 * @param isStrict whether a warning makes the file fail too
 */
export function reportJson(diagnostics: readonly Diagnostic[], isStrict = false): string {
  const ok = isStrict ? diagnostics.length === 0 : !diagnostics.some(isError);
  const plain = diagnostics.map(({ excerpt, ...diagnostic }) => ({ ...diagnostic, source: excerpt?.text }));
  return `${escapeBeyondAscii(JSON.stringify({ ok, diagnostics: plain }, undefined, 2))}\n`;
}

/** One line for each part that is not built yet, however many places want it, and what to do meanwhile. */
function missingPartsText(diagnostics: readonly Diagnostic[]): readonly string[] {
  const parts = new Map<string, { readonly meaning: string; places: number }>();
  for (const { missing } of diagnostics) {
    if (missing === undefined) continue;
    const part = parts.get(missing.name) ?? { meaning: missing.meaning, places: 0 };
    part.places++;
    parts.set(missing.name, part);
  }
  if (parts.size === 0) return [];
  const lines = [...parts].map(
    ([name, { meaning, places }]) => `not built yet: ${name} (${plural(places, 'place')}): ${meaning}`,
  );
  return [`${[...lines, 'Leave the servers that need it to gobetween; tslb carries the others.'].join('\n')}\n`];
}

/** `2 errors, 1 warning`, or `no problems found`. */
export function countText(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(isError).length;
  const counts = [plural(errors, 'error'), plural(diagnostics.length - errors, 'warning')];
  return counts.filter((text) => text !== '').join(', ') || 'no problems found';
}

function plural(count: number, noun: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

function diagnosticText(diagnostic: Diagnostic, style: Style): string {
  const { severity, path, message, code, excerpt, note, expected, suggestion } = diagnostic;
  const word = style(isError(diagnostic) ? ['red', 'bold'] : ['yellow', 'bold'], severity);
  const about = path === '' ? '' : `${visible(path)}: `;
  const lines = [
    `${style('bold', visible(placeText(diagnostic)))}: ${word}: ${about}${visible(message)} ${style('dim', `[${code}]`)}`,
  ];
  if (excerpt !== undefined) {
    const before = visible(excerpt.text.slice(0, excerpt.caret));
    const gutter = `${diagnostic.line ?? ''}`.padStart(5);
    lines.push(`${gutter} | ${before}${visible(excerpt.text.slice(excerpt.caret))}`);
    lines.push(`${' '.repeat(gutter.length)} | ${' '.repeat(columnsOf(before))}${style('red', '^')}`);
  }
  if (note !== undefined) lines.push(`  note: ${visible(note)}`);
  if (expected !== undefined) lines.push(`  expected: ${visible(expected)}`);
  if (suggestion !== undefined) lines.push(`  suggestion: ${visible(suggestion)}`);
  return `${lines.join('\n')}\n`;
}

/** How many columns a terminal gives a text: East Asian wide characters and emoji take two, combining marks none. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    columns += WIDE.test(character) ? 2 : 1;
  }
  return columns;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** JSON.stringify leaves DEL, the C1 controls and other invisible characters as they are. */
function escapeBeyondAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
