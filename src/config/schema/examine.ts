import * as z from 'zod';

import { type Path, pathText } from '../problem/path.ts';
import type { Fault, Problem } from '../problem/problem.ts';
import { type GivenTable, knownKey, type TableKeys, unknownKeyFault } from './keys.ts';
import { type KeyLocations, locationsOfKeys, innerOf, optionOf, type Shape, shapeOf } from './tables.ts';

/**
 * The checks of a file that a zod schema cannot do: unknown keys with a suggestion, keys in other upper and lower case,
 * warnings, and checks that have to run although other values are wrong. It walks the schema beside the value and
 * builds a value of known keys only, which zod then reads.
 */
export interface Examined {
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/** Looks at the value of a schema and reports what it finds, with paths relative to the value. */
export type LintRule = (value: unknown, report: ReportProblem) => void;
export type ReportProblem = (problem: Problem) => void;

const lintRules = z.registry<{ readonly rule: LintRule }>();

/** Adds a lint rule to a schema. Call it last: later `.meta()` or `.optional()` calls make new schemas around it. */
export function withLintRule<Schema extends z.ZodType>(schema: Schema, rule: LintRule): Schema {
  lintRules.add(schema, { rule });
  return schema;
}

export function examine(schema: z.core.$ZodType, value: unknown): Examined {
  const problems: Problem[] = [];
  return {
    value: visit(schema, value, { path: [], table: '', problems, locations: locationsOfKeys(schema), outer: [] }),
    problems,
  };
}

interface Walk {
  readonly path: Path;
  /** The path with `*` for names that the user chose. */
  readonly table: string;
  readonly problems: Problem[];
  readonly locations: KeyLocations;
  /** The tables around it, the outermost first. */
  readonly outer: readonly GivenTable[];
  /** Of a table that has kinds: the keys of the other kinds, with these. */
  readonly elsewhere?: ReadonlyMap<string, readonly string[]>;
}

function visit(schema: z.core.$ZodType, value: unknown, walk: Walk): unknown {
  const known = visitInner(schema, value, walk);
  lintRules.get(schema)?.rule(known, (problem) => {
    walk.problems.push({ ...problem, path: [...walk.path, ...problem.path] });
  });
  return known;
}

function visitInner(schema: z.core.$ZodType, value: unknown, walk: Walk): unknown {
  const inner = innerOf(schema);
  if (inner !== undefined) return visit(inner, value, walk);
  if (!isTable(value)) return value;
  if (schema instanceof z.core.$ZodObject) return visitShape(schema._zod.def.shape, value, walk);
  if (schema instanceof z.core.$ZodRecord) return visitNamed(schema._zod.def.valueType, value, walk);
  if (schema instanceof z.core.$ZodDiscriminatedUnion) return visitKind(schema, value, walk);
  return value;
}

function visitShape(shape: Shape, value: Table, walk: Walk): Table {
  const known = visitKeys(shape, value, walk);
  reportMissing(shape, value, known, walk);
  return known;
}

/** A value of an open or unknown kind may have the keys of any, and lacks nothing but the kind. */
function visitKind(union: z.core.$ZodDiscriminatedUnion, value: Table, walk: Walk): Table {
  const { options, discriminator } = union._zod.def;
  const written = Object.keys(value).find((key) => key.toLowerCase() === discriminator) ?? discriminator;
  const named = optionOf(union, value[written]);
  if (named !== undefined) {
    const elsewhere = keysOfKinds(options, discriminator);
    return visit(named, value, { ...walk, elsewhere }) as Table;
  }
  const shape = Object.assign({}, ...options.map(shapeOf)) as Shape;
  const known = visitKeys(shape, value, walk);
  const example = exampleOf(union);
  const usual = isTable(example) ? optionOf(union, example[discriminator]) : undefined;
  const schema = { ...shape, ...(usual && shapeOf(usual)) }[discriminator] as z.core.$ZodType;
  reportMissing({ [discriminator]: schema }, value, known, walk);
  return known;
}

function keysOfKinds(options: readonly z.core.$ZodType[], discriminator: string): Map<string, readonly string[]> {
  const kinds = new Map<string, readonly string[]>();
  for (const option of options) {
    const names = [...(option._zod.propValues?.[discriminator] ?? [])].map(String);
    for (const key of Object.keys(shapeOf(option))) kinds.set(key, [...(kinds.get(key) ?? []), ...names]);
  }
  return kinds;
}

function visitKeys(shape: Shape, value: Table, walk: Walk): Table {
  const { problems, locations } = walk;
  const given = { table: walk.table, keys: new Set(Object.keys(value).map((key) => key.toLowerCase())) };
  const outer = [...walk.outer, given];
  const keys: TableKeys = {
    ...given,
    outer: walk.outer,
    known: new Set(Object.keys(shape)),
    kind: value['kind'],
    elsewhere: walk.elsewhere,
    path: walk.path,
    locations,
  };
  const result: Record<string, unknown> = {};
  for (const [written, child] of Object.entries(value)) {
    const key = knownKey(keys, written);
    const path = [...walk.path, written];
    if (key === undefined) {
      const fault = child === null ? undefined : unknownKeyFault(keys, written);
      if (fault !== undefined) walk.problems.push({ ...fault, path, at: 'key' });
      continue;
    }
    if (key !== written) {
      const isSecond = Object.hasOwn(value, key) || Object.hasOwn(result, key);
      walk.problems.push({ ...spellingFault(written, key, isSecond), path, at: 'key' });
      if (isSecond) continue;
    }
    const schema = shape[key] as z.core.$ZodType;
    if (isAbsent(schema, child)) continue;
    const table = walk.table === '' ? key : `${walk.table}.${key}`;
    result[key] = visit(schema, child, { path, table, problems, locations, outer });
  }
  return result;
}

/** JSON dumps of gobetween hold null for what is absent; and an empty text counts as absent, as it does there. */
function isAbsent(schema: z.core.$ZodType, value: unknown): boolean {
  return value === null || (value === '' && takesText(schema));
}

function takesText(schema: z.core.$ZodType): boolean {
  const inner = innerOf(schema);
  if (inner !== undefined) return takesText(inner);
  return (
    schema instanceof z.core.$ZodString ||
    schema instanceof z.core.$ZodEnum ||
    schema instanceof z.core.$ZodLiteral ||
    (schema instanceof z.core.$ZodUnion && schema._zod.def.options.some(takesText))
  );
}

function spellingFault(written: string, key: string, isSecond: boolean): Fault {
  if (isSecond) {
    const message = `"${written}" is the same key as "${key}", which is given here too`;
    return { code: 'TSLB_CONFIG_DUPLICATE_KEY', message };
  }
  const message = `the key "${written}" is read as "${key}"`;
  return { code: 'TSLB_CONFIG_KEY_CASE', severity: 'warning', message, suggestion: `write ${key}` };
}

function reportMissing(shape: Shape, value: Table, result: Table, walk: Walk): void {
  for (const [key, schema] of Object.entries(shape)) {
    if (Object.hasOwn(result, key) || z.safeParse(schema, undefined).success) continue;
    const path = [...walk.path, key];
    walk.problems.push({ ...missingFault(schema, path, Object.hasOwn(value, key)), path });
  }
}

function missingFault(schema: z.core.$ZodType, path: Path, isEmpty: boolean): Fault {
  const key = String(path.at(-1));
  const example = exampleOf(schema) ?? (takesText(schema) ? '…' : undefined);
  return {
    code: 'TSLB_CONFIG_MISSING',
    message: `the required key "${key}" is ${isEmpty ? 'empty' : 'missing'}`,
    suggestion: example === undefined ? `add the table ${pathText(path)}` : `add ${key} = ${JSON.stringify(example)}`,
  };
}

function exampleOf(schema: z.core.$ZodType): unknown {
  const examples: unknown = z.globalRegistry.get(schema)?.examples;
  return Array.isArray(examples) ? examples[0] : undefined;
}

function visitNamed(schema: z.core.$ZodType, value: Table, walk: Walk): Table {
  const result = Object.create(null) as Record<string, unknown>;
  for (const [name, child] of Object.entries(value)) {
    if (child === null) continue;
    result[name] = visit(schema, child, { ...walk, path: [...walk.path, name], table: `${walk.table}.*` });
  }
  return result;
}

export type Table = Readonly<Record<string, unknown>>;

/** Whether it is a table of the file: neither a list nor a date nor plain text. */
export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
