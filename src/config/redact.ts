import * as z from 'zod';

import { isTable } from './examine.ts';
import { isSecret, REDACTED } from './secrets.ts';
import { innerOf, optionOf, shapeOf } from './tables.ts';

/** The same tables with `"[redacted]"` in the place of every secret. @param value known keys in the schema's spelling */
export function redact(schema: z.core.$ZodType, value: unknown): unknown {
  if (isSecret(schema)) return REDACTED;
  const inner = innerOf(schema);
  if (inner !== undefined) return redact(inner, value);
  if (Array.isArray(value) && schema instanceof z.core.$ZodArray) {
    return value.map((element) => redact(schema._zod.def.element, element));
  }
  if (!isTable(value)) return value;
  const entries = Object.entries(value).map(([key, child]) => {
    const known = childSchema(schema, value, key);
    return [key, known === undefined ? child : redact(known, child)];
  });
  return Object.fromEntries(entries);
}

function childSchema(schema: z.core.$ZodType, value: object, key: string): z.core.$ZodType | undefined {
  if (schema instanceof z.core.$ZodRecord) return schema._zod.def.valueType;
  if (!(schema instanceof z.core.$ZodDiscriminatedUnion)) return shapeOf(schema)[key];
  const option = optionOf(schema, (value as Record<string, unknown>)[schema._zod.def.discriminator]);
  return option && shapeOf(option)[key];
}
