import type { Path } from '../problem/path.ts';

/** Where a key and its value stand in the source text, by index; the root has neither. */
export interface Place {
  keyStart: number;
  valueStart: number;
  valueEnd: number;
  readonly children: Map<string, Place>;
}

/** The text of a file as a tree of places, made only when a diagnostic needs it. */
export function newPlace(keyStart: number, valueStart = keyStart, valueEnd = valueStart): Place {
  return { keyStart, valueStart, valueEnd, children: new Map() };
}

/** The child of that name, made with the given place where there is none yet. */
export function childPlace(parent: Place, part: string | number, keyStart: number): Place {
  const known = parent.children.get(String(part));
  if (known !== undefined) return known;
  const child = newPlace(keyStart);
  parent.children.set(String(part), child);
  return child;
}

/**
 * The place of a path, or of the nearest value above it that stands in the file. As the config is read, a key may be
 * spelled in other upper and lower case where the exact one is absent.
 * @returns nothing when not even the first part is there
 */
export function findPlace(root: Place, path: Path): { place: Place; isExact: boolean } | undefined {
  let place = root;
  for (const part of path) {
    const child = place.children.get(String(part)) ?? caselessChild(place, String(part));
    if (child === undefined) return place === root ? undefined : { place, isExact: false };
    place = child;
  }
  return place === root ? undefined : { place, isExact: true };
}

function caselessChild(place: Place, part: string): Place | undefined {
  for (const [name, child] of place.children) {
    if (name.toLowerCase() === part.toLowerCase()) return child;
  }
  return undefined;
}

const QUOTE = /^(?:"""|'''|"|')/;
/** A line that ends in a backslash stands for nothing; `\u` and `\U` for one character; the rest for one. */
const STEP = /\\[ \t]*\n\s*|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\.|[^]/y;

/**
 * From an index into a string's value to the index into its source text (TOML or JSON, with its quotes).
 * @param offset in UTF-16 code units of the value
 */
export function sourceIndex(source: string, offset: number): number {
  const quote = QUOTE.exec(source)?.[0] ?? '';
  const isMultiline = quote.length === 3;
  const start = quote.length + (isMultiline && source[quote.length] === '\n' ? 1 : 0);
  if (!quote.startsWith('"')) return start + offset;

  let index = start;
  for (let units = 0; units < offset;) {
    STEP.lastIndex = index;
    const step = STEP.exec(source)?.[0];
    if (step === undefined) return index;
    units += unitsOf(step);
    index += step.length;
  }
  return index;
}

function unitsOf(step: string): number {
  if (step.startsWith('\\U')) return Number.parseInt(step.slice(2), 16) > 0xffff ? 2 : 1;
  return /^\\[ \t\n]/.test(step) ? 0 : 1;
}
