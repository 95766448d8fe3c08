import { isDeadKey, isKeyOfKind, notBuiltKeys } from './gobetween.ts';
import { nearest } from './nearest.ts';
import { alternatives, type Fault, quoted } from './problem.ts';

/** A table as the schema knows it. */
export interface TableKeys {
  /** Keys from the root, with `*` for a server's name: `servers.*.discovery`. */
  readonly table: string;
  readonly known: ReadonlySet<string>;
  /** The table's `kind`, where it has one. */
  readonly kind: unknown;
  /** Of a table that has kinds: the keys of all of them, with the kinds that have them. */
  readonly elsewhere?: ReadonlyMap<string, readonly string[]> | undefined;
}

/** The known key that is written so, or in another spelling of upper and lower case. */
export function knownKey({ known }: TableKeys, written: string): string | undefined {
  if (known.has(written)) return written;
  return [...known].find((key) => key.toLowerCase() === written.toLowerCase());
}

/** What to say about a key that the schema does not know; nothing when another fault says it already. */
export function unknownKeyFault(keys: TableKeys, written: string): Fault | undefined {
  const { table, known, kind } = keys;
  const key = written.toLowerCase();
  const notBuilt = notBuiltKeys(table);
  if (notBuilt.includes(key)) return isKeyOfKind(key, kind) ? undefined : notBuiltFault(written, table);
  if (isDeadKey(table, key)) return deadKeyFault(written);
  const kinds = keys.elsewhere?.get(key);
  if (kinds !== undefined) return otherKindFault(written, kinds);

  const meant = nearest(written, [...known, ...notBuilt]);
  if (meant !== undefined) return typoFault(written, meant, !known.has(meant));
  return unknownFault(written, keys);
}

function notBuiltFault(written: string, table: string): Fault {
  const isSection = table === '' || table === 'servers.*';
  return {
    code: 'TSLB_CONFIG_NOT_BUILT',
    message: `${isSection ? 'the section' : 'the key'} ${quoted(written)} of gobetween is not built yet`,
    suggestion: 'remove it, or comment it out',
  };
}

function deadKeyFault(written: string): Fault {
  return {
    code: 'TSLB_CONFIG_KEY_DEAD',
    severity: 'warning',
    message: `the key ${quoted(written)} does nothing; gobetween ignores it too`,
    suggestion: 'remove it',
  };
}

function typoFault(written: string, meant: string, isNotBuilt: boolean): Fault {
  const note = isNotBuilt ? ' (which is not built yet)' : '';
  return {
    code: 'TSLB_CONFIG_KEY_TYPO',
    message: `unknown key ${quoted(written)}; did you mean ${quoted(meant)}${note}?`,
    suggestion: isNotBuilt ? 'remove it, or comment it out' : `write ${meant}`,
  };
}

function otherKindFault(written: string, kinds: readonly string[]): Fault {
  return {
    code: 'TSLB_CONFIG_KEY_UNKNOWN',
    severity: 'warning',
    message: `the key ${quoted(written)} is for kind ${alternatives(kinds.map(quoted))} and ignored here`,
  };
}

function unknownFault(written: string, { known }: TableKeys): Fault {
  return {
    code: 'TSLB_CONFIG_KEY_UNKNOWN',
    severity: 'warning',
    message: `the key ${quoted(written)} is unknown and ignored`,
    expected: `one of ${[...known].join(', ')}`,
  };
}
