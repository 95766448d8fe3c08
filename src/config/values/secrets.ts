import * as z from 'zod';

import type { Fault } from '../problem/problem.ts';
import { REDACTED } from '../problem/secret-words.ts';
import { parsedText } from './values.ts';

/**
 * A text that only the owner of the configuration may see: no diagnostic quotes it and no dump shows it unless asked.
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
  message: `"${REDACTED}" is a placeholder: this text comes from a dump without secrets`,
  suggestion: 'write the secret itself, or dump with secrets: tslb ctl dump --secrets, or ?secrets=true at the API',
};

const partlySecret = z.registry<{ readonly isSecret: (value: unknown) => boolean }>();

/** Some values of a schema are secret, such as addresses with a password in them. Call it last, as withLintRule. */
export function secretWhere<Schema extends z.ZodType>(schema: Schema, isSecret: (value: unknown) => boolean): Schema {
  partlySecret.add(schema, { isSecret });
  return schema;
}

/** Whether some values of a schema are secret, or all. */
export function mayBeSecret(schema: z.core.$ZodType): boolean {
  return isSecret(schema) || partlySecret.has(schema);
}

/** Whether this value of a schema is a secret. */
export function isSecretValue(schema: z.core.$ZodType, value: unknown): boolean {
  return isSecret(schema) || partlySecret.get(schema)?.isSecret(value) === true;
}

/** Whether the values of a schema are secret. Its wrappers do not say so; what they wrap does. */
function isSecret(schema: z.core.$ZodType): boolean {
  return z.globalRegistry.get(schema)?.['secret'] === true;
}
