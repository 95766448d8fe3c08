import type { Diagnostic } from './diagnostic.ts';

/** One diagnostic on one line, without its source: for a log. */
export function diagnosticLine(diagnostic: Diagnostic): string {
  const { severity, path, message, code } = diagnostic;
  const about = path === '' ? '' : `${path}: `;
  return visible(`${placeText(diagnostic)}: ${severity}: ${about}${message} [${code}]`);
}

/** `file:line:column`, as far as it is known. */
export function placeText({ file, line, column }: Diagnostic): string {
  return line === undefined || column === undefined ? file : `${file}:${line}:${column}`;
}

/** Control, format and other characters without a picture, and halves of surrogate pairs; a tab is one blank. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A text of others that a terminal shows and does not obey. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    if (character === '\t') return ' ';
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
