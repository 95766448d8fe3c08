import * as z from 'zod';

import { configSchema } from './schema.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** JSON Schema (draft 2020-12) of the config file, for editors. Unknown keys are allowed, as they only give warnings. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    override: (context) => {
      markRequired(context);
      delete context.jsonSchema['gobetween'];
      delete context.jsonSchema['secret'];
    },
  });
}

/** As configJsonSchema, with the note on gobetween that a key may have under `gobetween`: for the reference page. */
export function annotatedJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, { io: 'input', override: markRequired });
}

/** zod lists every key with a preprocessed value as optional. */
function markRequired({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: JsonSchema }): void {
  if (!(zodSchema instanceof z.core.$ZodObject)) return;
  const keys = Object.entries(zodSchema._zod.def.shape);
  const required = keys.filter(([, schema]) => !z.safeParse(schema, undefined).success).map(([key]) => key);
  if (required.length > 0) jsonSchema.required = required;
}
