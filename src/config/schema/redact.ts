import * as z from 'zod';

import { nearest } from '../problem/nearest.ts';
import type { Path } from '../problem/path.ts';
import { looksSecret } from '../problem/secret-words.ts';
import { isSecretValue, mayBeSecret } from '../values/secrets.ts';
import { isTable, type Table } from './examine.ts';
import { innerOf, optionOf, type Shape, shapeOf } from './tables.ts';

/** What comes in the place of a secret. */
type Replace = (secret: unknown, path: Path) => unknown;

/** Deeper than any configuration; a value of an unknown key may be nested for as long as its parser likes. */
const DEEPEST = 32;

/**
 * The same tables with something else in the place of every secret: what the schema says is secret, in any spelling of
 * upper and lower case; what stands where a table with a secret belongs; and what unknown keys hold whose names say it, or
 * nearly do.
 */
export function replaceSecrets(schema: z.core.$ZodType, value: unknown, replace: Replace): unknown {
  return visit(schema, value, { path: [], replace });
}

/** Where a file's values, in whatever spelling of their keys, hold secrets. */
export function secretPaths(schema: z.core.$ZodType, value: unknown): readonly Path[] {
  const paths: Path[] = [];
  replaceSecrets(schema, value, (_, path) => paths.push(path));
  return paths;
}

interface Walk {
  readonly path: Path;
  readonly replace: Replace;
}

function visit(schema: z.core.$ZodType | undefined, value: unknown, walk: Walk): unknown {
  if (value === undefined || value === null || walk.path.length > DEEPEST) return value;
  if (schema !== undefined && isSecretValue(schema, value)) return replaceAll(value, walk);
  const inner = schema && innerOf(schema);
  if (inner !== undefined) return visit(inner, value, walk);
  if (isTable(value)) return visitTable(schema, value, walk);
  if (schema !== undefined && Object.values(shapeOf(schema)).some(isSecretInside)) return replaceAll(value, walk);
  if (!Array.isArray(value)) return value;
  const element = schema instanceof z.core.$ZodArray ? schema._zod.def.element : undefined;
  return value.map((child, index) => visit(element, child, below(walk, index)));
}

function visitTable(schema: z.core.$ZodType | undefined, value: Table, walk: Walk): Table {
  const shapes = schema === undefined ? [] : shapesFor(schema, value);
  const valueType = schema instanceof z.core.$ZodRecord ? schema._zod.def.valueType : undefined;
  const entries = Object.entries(value).map(([key, child]) => {
    const known = valueType ?? schemaOfKey(shapes, key);
    const inside = below(walk, key);
    const isHidden = known === undefined && (looksSecret(key) || isSlipOfSecret(shapes, key));
    return [key, isHidden ? replaceAll(child, inside) : visit(known, child, inside)];
  });
  return Object.fromEntries(entries) as Table;
}

/** Of a table that has kinds, the keys of its own; those of each where it has none of them. */
function shapesFor(schema: z.core.$ZodType, value: Table): readonly Shape[] {
  if (!(schema instanceof z.core.$ZodDiscriminatedUnion)) return [shapeOf(schema)];
  const { options, discriminator } = schema._zod.def;
  const option = optionOf(schema, value[discriminator]);
  return (option === undefined ? options : [option]).map(shapeOf);
}

/** Where one shape says that it is secret and another does not, it is. */
function schemaOfKey(shapes: readonly Shape[], written: string): z.core.$ZodType | undefined {
  const schemas = shapes.flatMap((shape) => {
    const key = Object.keys(shape).find((name) => name.toLowerCase() === written.toLowerCase());
    return key === undefined ? [] : (shape[key] ?? []);
  });
  return schemas.find(isSecretInside) ?? schemas[0];
}

function isSlipOfSecret(shapes: readonly Shape[], written: string): boolean {
  const meant = nearest(written, shapes.flatMap(Object.keys));
  const schema = meant === undefined ? undefined : schemaOfKey(shapes, meant);
  return schema !== undefined && isSecretInside(schema);
}

function isSecretInside(schema: z.core.$ZodType): boolean {
  if (mayBeSecret(schema)) return true;
  const inner = innerOf(schema);
  return inner !== undefined && isSecretInside(inner);
}

/** Everything that a secret holds which should be a text. */
function replaceAll(value: unknown, walk: Walk): unknown {
  if (walk.path.length > DEEPEST) return walk.replace(value, walk.path);
  if (Array.isArray(value)) return value.map((child, index) => replaceAll(child, below(walk, index)));
  if (!isTable(value)) return walk.replace(value, walk.path);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, replaceAll(child, below(walk, key))]));
}

function below({ path, replace }: Walk, part: string | number): Walk {
  return { path: [...path, part], replace };
}
