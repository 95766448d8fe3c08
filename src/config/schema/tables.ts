import * as z from 'zod';

export type Shape = Readonly<Record<string, z.core.$ZodType>>;

/** What a schema wraps: optional and defaulted ones their type, a transformation what goes into it. */
export function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (
    schema instanceof z.core.$ZodOptional ||
    schema instanceof z.core.$ZodDefault ||
    schema instanceof z.core.$ZodPrefault
  ) {
    return schema._zod.def.innerType;
  }
  if (!(schema instanceof z.core.$ZodPipe)) return undefined;
  const { in: first, out } = schema._zod.def;
  return first instanceof z.core.$ZodTransform ? out : first;
}

/** The keys of a table, with their schemas; none of what is no table. */
export function shapeOf(schema: z.core.$ZodType): Shape {
  const inner = innerOf(schema);
  if (inner !== undefined) return shapeOf(inner);
  return schema instanceof z.core.$ZodObject ? schema._zod.def.shape : {};
}

/** Of a table that has kinds, that of a kind. */
export function optionOf(union: z.core.$ZodDiscriminatedUnion, kind: unknown): z.core.$ZodType | undefined {
  const { options, discriminator } = union._zod.def;
  return options.find((option) => option._zod.propValues?.[discriminator]?.has(kind as string));
}

/** Each key of a schema with the tables that have it, as TableKeys names them, in the schema's order. */
export type KeyLocations = ReadonlyMap<string, ReadonlySet<string>>;

export function locationsOfKeys(schema: z.core.$ZodType): KeyLocations {
  const locations = new Map<string, Set<string>>();
  collect(schema, '', locations);
  return locations;
}

function collect(schema: z.core.$ZodType, table: string, locations: Map<string, Set<string>>): void {
  const inner = innerOf(schema);
  if (inner !== undefined) collect(inner, table, locations);
  else if (schema instanceof z.core.$ZodRecord) collect(schema._zod.def.valueType, `${table}.*`, locations);
  else if (schema instanceof z.core.$ZodDiscriminatedUnion) {
    for (const option of schema._zod.def.options) collect(option, table, locations);
  } else {
    for (const [key, child] of Object.entries(shapeOf(schema))) {
      locations.set(key, (locations.get(key) ?? new Set()).add(table));
      collect(child, table === '' ? key : `${table}.${key}`, locations);
    }
  }
}

const SERVICE = /^(?:api|metrics|profiler|stats)(?=\.|$)/;

/**
 * Those of the tables that are the fewest steps away, as one goes from table to table. A section of the HTTP services is
 * meant from outside of them only where no other table has the key: `bind` is that of a server.
 */
export function nearestTables(from: string, tables: Iterable<string>): readonly string[] {
  const all = [...tables];
  const others = SERVICE.test(from) ? [] : all.filter((table) => !SERVICE.test(table));
  const candidates = others.length > 0 ? others : all;
  const steps = new Map(candidates.map((table) => [table, stepsBetween(from, table)]));
  const least = Math.min(...steps.values());
  return [...steps].filter(([, count]) => count === least).map(([table]) => table);
}

function stepsBetween(one: string, other: string): number {
  const a = one.split('.').filter(Boolean);
  const b = other.split('.').filter(Boolean);
  const differs = a.findIndex((part, index) => part !== b[index]);
  const shared = differs < 0 ? a.length : differs;
  return a.length + b.length - 2 * shared;
}
