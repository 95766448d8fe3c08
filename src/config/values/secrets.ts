import * as z from 'zod';

import type { Fault } from '../problem/problem.ts';
import { REDACTED } from '../problem/secret-words.ts';
import { parsedText } from './values.ts';

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
  message: `"${REDACTED}" is a placeholder: this text comes from a dump without secrets`,
  suggestion: 'write the secret itself, or dump with secrets: tslb ctl dump --secrets, or ?secrets=true at the API',
};

/** Whether the values of a schema are secret. Its wrappers do not say so; what they wrap does. */
export function isSecret(schema: z.core.$ZodType): boolean {
  return z.globalRegistry.get(schema)?.['secret'] === true;
}
