import type { Span } from './span.ts';

/** What stands for a secret wherever a configuration is shown. */
export const REDACTED = '[redacted]';

const SECRET_WORDS = 'passw|passphrase|pwd|secret|token|auth|credential';
const SECRET_NAME = new RegExp(SECRET_WORDS, 'i');

/** Whether the name of an unknown key says that its value is a secret: one of another program, or misspelled. */
export function looksSecret(key: string): boolean {
  return SECRET_NAME.test(key);
}

const VALUE = String.raw`"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'[^'\n]*'?|\[[^\n]*|[^\s,{}[\]#][^,}\]#\n]*`;
const ASSIGNMENT = new RegExp(
  `(?<!\\$\\{[^}\\n]{0,64})(?:${SECRET_WORDS})[\\w.-]{0,64}["']?\\s{0,99}[=:]?\\s{0,99}(${VALUE})`,
  'dgi',
);

/**
 * Where a text that could not be parsed seems to hold secrets, by the words in front of them. Whatever follows such a
 * word is hidden, for what is wrong may be just what would make it a value.
 * The name of a variable is no such word.
 */
export function secretsInText(text: string): readonly Span[] {
  return [...text.matchAll(ASSIGNMENT)].flatMap(({ indices }) => {
    const [start, end] = indices?.[1] ?? [];
    return start === undefined || end === undefined ? [] : [{ start, end }];
  });
}
