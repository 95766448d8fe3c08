import * as z from 'zod';

import { configSchema } from './schema.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** JSON Schema (draft 2020-12) of the config file, for editors. Unknown keys are allowed, as they only give warnings. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      delete jsonSchema['gobetween'];
    },
  });
}

/** As configJsonSchema, with the note on gobetween that a key may have under `gobetween`: for the reference page. */
export function annotatedJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
