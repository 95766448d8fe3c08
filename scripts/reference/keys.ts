import { annotatedJsonSchema, type JsonSchema } from '../../src/app/json-schema.ts';
import { code } from './markdown.ts';

/** A key of the config file, as the schema describes it. */
export interface KeyEntry {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
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
  const { required = [], ...table } = tableOf(schema);
  const keys: KeyEntry[] = [];
  const below: SectionEntry[] = [];
  for (const [key, child] of Object.entries(table.properties)) {
    const path = name === '' ? key : `${name}.${key}`;
    const named = child.additionalProperties;
    if (typeof named === 'object') below.push(...sectionsBelow(`${path}.NAME`, named));
    else if (isTable(child)) below.push(...sectionsBelow(path, child));
    if (name !== '') keys.push({ name: key, schema: child, isRequired: required.includes(key) });
  }
  return [{ name, description: schema.description ?? '', keys }, ...below];
}

function isTable(schema: JsonSchema): boolean {
  return schema.properties !== undefined || schema.oneOf !== undefined;
}

/** The keys of a table; of one that has kinds, those of all kinds together. */
function tableOf(schema: JsonSchema): { properties: Record<string, JsonSchema>; required?: readonly string[] } {
  const kinds = (schema.oneOf ?? [schema]) as readonly JsonSchema[];
  const properties = Object.assign({}, ...kinds.map((kind) => kind.properties)) as Record<string, JsonSchema>;
  return { properties, required: kinds.flatMap((kind) => kind.required ?? []) };
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
