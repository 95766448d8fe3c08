import * as z from 'zod';

import type { Fault } from './problem.ts';
import { parsedText } from './values.ts';
import type { Span } from './variables.ts';

/** What stands for a secret wherever a configuration is shown. */
export const REDACTED = '[redacted]';

/**
 * A text that nobody but the configuration's owner may see: no diagnostic quotes it and no dump shows it unless asked.
 * @param check what is wrong with it, or nothing; its words must not repeat the text
 */
export function secret(check: (text: string) => Fault | undefined, description: string) {
  const schema = parsedText((text) => {
    const fault = text === REDACTED ? REDACTED_FAULT : check(text);
    return fault === undefined ? { value: text } : { faults: [fault] };
  });
  return schema.meta({ title: 'string', description, secret: true });
}

const REDACTED_FAULT: Fault = {
  code: 'TSLB_CONFIG_REDACTED',
  message: `"${REDACTED}" stands in the place of a secret: a dump without its secrets is no backup`,
  suggestion: 'write the secret itself, or ask for the dump with ?secrets=true',
};

/** Whether the values of a schema are secret. Its wrappers do not say so; what they wrap does. */
export function isSecret(schema: z.core.$ZodType): boolean {
  return z.globalRegistry.get(schema)?.['secret'] === true;
}

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
