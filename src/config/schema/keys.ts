import { isDeadKey, keysOfNotBuiltKinds, missingPart, notBuiltKeys, notBuiltKindOf } from '../dialects/gobetween.ts';
import { oursFor } from '../dialects/words.ts';
import type { Severity } from '../problem/diagnostic.ts';
import { nearest } from '../problem/nearest.ts';
import { type Path, pathText } from '../problem/path.ts';
import { alternatives, type Fault, quoted } from '../problem/problem.ts';
import { type KeyLocations, nearestTables } from './tables.ts';

/** A table as the file has it. */
export interface GivenTable {
  /** Keys from the root, with `*` for a server's name: `servers.*.discovery`. */
  readonly table: string;
  /** In lower case. */
  readonly keys: ReadonlySet<string>;
}

/** A table as the schema knows it. */
export interface TableKeys extends GivenTable {
  /** The tables around it, the outermost first. */
  readonly outer: readonly GivenTable[];
  readonly known: ReadonlySet<string>;
  /** The table's `kind`, where it has one. */
  readonly kind: unknown;
  /** Of a table that has kinds: the keys of all of them, with the kinds that have them. */
  readonly elsewhere?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Where the table stands. */
  readonly path: Path;
  /** Of the whole file. */
  readonly locations: KeyLocations;
}

/** The known key that is written so, or in another spelling of upper and lower case. */
export function knownKey({ known }: TableKeys, written: string): string | undefined {
  if (known.has(written)) return written;
  return [...known].find((key) => key.toLowerCase() === written.toLowerCase());
}

/** What to say about a key that the schema does not know; nothing when another fault says it already. */
export function unknownKeyFault(keys: TableKeys, written: string): Fault | undefined {
  const { table, known } = keys;
  const key = written.toLowerCase();
  const notBuilt = notBuiltKeys(table);
  if (notBuilt.includes(key)) return notBuiltFault(written, key);
  const notBuiltKind = notBuiltKindOf(table, key);
  if (notBuiltKind !== undefined) return notBuiltKindFault(written, notBuiltKind, keys);
  if (isDeadKey(table, key)) return deadKeyFault(written);
  const kinds = keys.elsewhere?.get(key);
  if (kinds !== undefined) return otherKindFault(written, kinds);

  const meant = nearest(written, [...known, ...notBuilt, ...keysOfNotBuiltKinds(table)]);
  // Where the key that it may be a typo of is there as well, it is none.
  const surplus = meant === undefined || keys.keys.has(meant) ? surplusFault(written, keys) : undefined;
  if (surplus !== undefined) return surplus;
  if (meant !== undefined)
    return misplacedFault(written, keys, 'error') ?? typoFault(written, meant, !known.has(meant));
  return foreignFault(written, keys) ?? misplacedFault(written, keys, 'warning') ?? unknownFault(written, keys);
}

/** No suggestion: what a service needs is not to be taken out of its file. */
function notBuiltFault(written: string, key: string): Fault {
  const missing = missingPart(key);
  const message = `the section ${quoted(written)} of gobetween is not built yet: ${missing.meaning}`;
  return { code: 'TSLB_CONFIG_NOT_BUILT', message, missing };
}

/** A key of another kind, which gobetween ignores as well. The kind itself is told at its own place. */
function notBuiltKindFault(written: string, owner: string, { kind }: TableKeys): Fault | undefined {
  if (kind === owner) return undefined;
  return {
    code: 'TSLB_CONFIG_KEY_UNKNOWN',
    severity: 'warning',
    message: `the key ${quoted(written)} belongs to kind ${quoted(owner)}, which is not built yet, and is ignored here`,
  };
}

function deadKeyFault(written: string): Fault {
  return {
    code: 'TSLB_CONFIG_KEY_DEAD',
    severity: 'warning',
    message: `the key ${quoted(written)} has no effect; gobetween ignores it too`,
    suggestion: 'remove it',
  };
}

function typoFault(written: string, meant: string, isNotBuilt: boolean): Fault {
  const note = isNotBuilt ? ' (which is not built yet)' : '';
  return {
    code: 'TSLB_CONFIG_KEY_TYPO',
    message: `unknown key ${quoted(written)}; did you mean ${quoted(meant)}${note}?`,
    suggestion: isNotBuilt ? undefined : `write ${meant}`,
  };
}

function otherKindFault(written: string, kinds: readonly string[]): Fault {
  return {
    code: 'TSLB_CONFIG_KEY_UNKNOWN',
    severity: 'warning',
    message: `the key ${quoted(written)} belongs to kind ${alternatives(kinds.map(quoted))} and is ignored here`,
  };
}

/** A word of another balancer. */
function foreignFault(written: string, keys: TableKeys): Fault | undefined {
  const ours = oursFor(written);
  const locations = ours && locationOf(ours.key, keys);
  if (ours === undefined || locations === undefined) return undefined;
  const { key, value } = ours;
  const assignment = value === undefined ? key : `${key} = ${value}`;
  const kinds = keys.known.has(key) ? undefined : keys.elsewhere?.get(key);
  const ofKind = kinds === undefined ? '' : `, with kind ${alternatives(kinds.map(quoted))}`;
  const place = locations.isHere ? ofKind : ` in ${locations.text}`;
  return {
    code: 'TSLB_CONFIG_KEY_UNKNOWN',
    severity: 'warning',
    message: `the key ${quoted(written)} is unknown and ignored; did you mean ${quoted(key)}?`,
    suggestion: `write ${assignment}${place}`,
  };
}

/** A key of a table around this one, which has it already. */
function surplusFault(written: string, { locations, outer, path }: TableKeys): Fault | undefined {
  const key = written.toLowerCase();
  const home = outer.findLast(({ table, keys }) => keys.has(key) && locations.get(key)?.has(table) === true);
  if (home === undefined || home.table === '') return undefined;
  return {
    code: 'TSLB_CONFIG_KEY_UNKNOWN',
    severity: 'warning',
    message: `the key ${quoted(written)} is ignored here; ${headingOf(home.table, path)} has one already`,
    suggestion: 'remove it',
  };
}

/** A key that another table has; an error where it might as well be a typo. */
function misplacedFault(written: string, keys: TableKeys, severity: Severity): Fault | undefined {
  const locations = locationOf(written.toLowerCase(), keys);
  if (locations === undefined) return undefined;
  const isError = severity === 'error';
  return {
    code: isError ? 'TSLB_CONFIG_KEY_TYPO' : 'TSLB_CONFIG_KEY_UNKNOWN',
    severity,
    message: `the key ${quoted(written)} is ${isError ? 'unknown' : 'ignored'} here; it belongs in ${locations.text}`,
    suggestion: `move it to ${locations.text}`,
  };
}

/** The nearest tables that have the key, as the file would write them. */
function locationOf(key: string, { locations, table, path }: TableKeys): { isHere: boolean; text: string } | undefined {
  const tables = nearestTables(table, locations.get(key) ?? []);
  if (tables.length === 0) return undefined;
  const headings = tables.map((home) => headingOf(home, path));
  return { isHere: tables.includes(table), text: alternatives(headings.reverse()) };
}

/** @param path of a key in the server that is meant */
function headingOf(table: string, path: Path): string {
  if (table === '') return 'the top level of the file, above all tables';
  const name = path[0] === 'servers' ? (path[1] ?? 'NAME') : 'NAME';
  return `[${pathText(table.split('.').map((part) => (part === '*' ? name : part)))}]`;
}

function unknownFault(written: string, { known }: TableKeys): Fault {
  return {
    code: 'TSLB_CONFIG_KEY_UNKNOWN',
    severity: 'warning',
    message: `the key ${quoted(written)} is unknown and ignored`,
    expected: `one of ${[...known].join(', ')}`,
  };
}
