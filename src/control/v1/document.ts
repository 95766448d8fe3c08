import { isDeepStrictEqual } from 'node:util';

type Schemas = Readonly<Record<string, unknown>>;

/** Makes the document that the schemas give fit to be read: what only zod has a use for goes, and names are plain. */
export function tidied(document: object): object {
  const plain = withoutNoise(document) as { components?: { schemas?: Schemas } };
  const { components = {} } = plain;
  const all = components.schemas ?? {};
  const used = reachable({ ...plain, components: { ...components, schemas: {} } }, all);
  const names = plainNames(all, used);
  const schemas = Object.fromEntries([...used].sort().map((id) => [names.get(id) ?? id, all[id]]));
  return renamed({ ...plain, components: { ...components, schemas } }, names) as object;
}

function withoutNoise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNoise);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => !isNoise(key, child, value))
      .map(([key, child]) => [key, withoutNoise(child)]),
  );
}

function isNoise(key: string, value: unknown, schema: object): boolean {
  switch (key) {
    // Answers may get more keys; what a request may have is read strictly all the same.
    case 'additionalProperties':
      return value === false;
    case 'pattern':
      return 'format' in schema;
    case 'minimum':
    case 'maximum':
      return Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
    default:
      return false;
  }
}

const REFERENCE = '#/components/schemas/';

function referenceIn(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith(REFERENCE) ? value.slice(REFERENCE.length) : undefined;
}

/** The ids of the schemas that a value refers to, also by way of others. */
function reachable(value: unknown, schemas: Schemas): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    for (const child of Object.values(next) as unknown[]) {
      const id = referenceIn(child);
      if (id === undefined) open.push(child);
      else if (!found.has(id)) {
        found.add(id);
        open.push(schemas[id]);
      }
    }
  }
  return found;
}

/** What is sent has `Input` at the end of its name, which only tells something where what is answered differs. */
function plainNames(schemas: Schemas, used: ReadonlySet<string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const id of used) {
    const plain = id.replace(/Input$/, '');
    if (!used.has(plain) || isDeepStrictEqual(schemas[plain], schemas[id])) names.set(id, plain);
  }
  return names;
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((child) => renamed(child, names));
  const id = referenceIn(value);
  if (id !== undefined) return REFERENCE + (names.get(id) ?? id);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, renamed(child, names)]));
}
