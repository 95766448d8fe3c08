import { annotatedJsonSchema, type JsonSchema } from '../../src/app/config/json-schema.ts';
import { code } from './markdown.ts';

/** A key of the config file, as the schema describes it. */
export interface KeyEntry {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  /** Of a table that has kinds: those that have the key, where others have not. */
  readonly kinds?: readonly string[];
  /** The kinds that need it, where others do without. */
  readonly requiredBy?: readonly string[];
}

/** A section of the file and its keys, in the schema's order. */
export interface SectionEntry {
  /** `logging`, `servers.NAME`, `servers.NAME.discovery`. */
  readonly name: string;
  readonly description: string;
  readonly keys: readonly KeyEntry[];
}

/** Every section of the file, read from the schema. */
export function sections(): readonly SectionEntry[] {
  return sectionsBelow('', annotatedJsonSchema()).filter((section) => section.keys.length > 0);
}

function sectionsBelow(name: string, schema: JsonSchema): readonly SectionEntry[] {
  const keys: KeyEntry[] = [];
  const below: SectionEntry[] = [];
  for (const entry of keysOf(schema)) {
    const { name: key, schema: child } = entry;
    const path = name === '' ? key : `${name}.${key}`;
    const named = child.additionalProperties;
    if (typeof named === 'object') below.push(...sectionsBelow(`${path}.NAME`, named));
    else if (isTable(child)) below.push(...sectionsBelow(path, child));
    if (name !== '') keys.push(entry);
  }
  return [{ name, description: schema.description ?? '', keys }, ...below];
}

function isTable(schema: JsonSchema): boolean {
  return schema.properties !== undefined || schema.oneOf !== undefined;
}

/** The keys of a table; of one that has kinds, those of all kinds together. */
function keysOf(schema: JsonSchema): readonly KeyEntry[] {
  const kinds = (schema.oneOf ?? [schema]) as readonly JsonSchema[];
  const names = new Set(kinds.flatMap(({ properties }) => Object.keys(properties ?? {})));
  return [...names].map((name) => {
    const having = kinds.filter(({ properties }) => properties?.[name] !== undefined);
    const needing = having.filter(({ required }) => required?.includes(name));
    const schemas = having.map(({ properties }) => properties?.[name] as JsonSchema);
    return {
      name,
      schema: merged(schemas),
      isRequired: needing.length === having.length,
      ...(having.length < kinds.length && { kinds: having.map(kindOf) }),
      ...(needing.length > 0 && needing.length < having.length && { requiredBy: needing.map(kindOf) }),
    };
  });
}

/** The word that stands for a kind, of which each has another, becomes a choice of words. */
function merged(schemas: readonly JsonSchema[]): JsonSchema {
  const [first = {}] = schemas;
  const words = new Set(schemas.flatMap((schema) => schema.const ?? []));
  if (words.size < 2) return first;
  const choice: JsonSchema = { ...first, enum: [...words] };
  delete choice.const;
  return choice;
}

function kindOf({ properties }: JsonSchema): string {
  return code(String((properties?.['kind'] as JsonSchema).const));
}

/** What kind of value a key takes. */
export function typeOf({ schema }: KeyEntry): string {
  const { title, type, minimum, maximum } = schema;
  const name = title ?? (isTable(schema) ? 'table' : 'value');
  return type === 'integer' ? `${name} from ${String(minimum)} to ${String(maximum)}` : name;
}

/** The values of a key that takes one of a few words. */
export function choicesOf({ schema }: KeyEntry): readonly string[] {
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  return values.map((value) => code(JSON.stringify(value)));
}

/** The value that stands for an absent key, as the file would write it. */
export function defaultOf({ schema }: KeyEntry): string | undefined {
  return schema.default === undefined ? undefined : code(JSON.stringify(schema.default));
}
