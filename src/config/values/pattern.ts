import { type Context, createContext, Script } from 'node:vm';

import { asError } from '../../core/errors.ts';
import type { Fault, Reading } from '../problem/problem.ts';

/** A pattern that goes wild on an answer costs the main thread no more than this, twice. */
const LONGEST_MATCH_MS = 250;
const LONGEST_PATTERN = 10_000;

/** RE2 allows a backslash before any punctuation, JavaScript's strict patterns before some only. */
const NEEDLESS_ESCAPE = /\\([^])/g;
const NEEDLESSLY_ESCAPED = new Set(`!"#%&',-:;<=>@_\`~ `);

/**
 * Reads a regular expression: JavaScript's, by characters and not by UTF-16 units. Flags may stand in front as in RE2:
 * `(?i)`, `(?s)`, `(?m)`, `(?is)`.
 */
export function parsePattern(text: string): Reading<RegExp> {
  if (text.length > LONGEST_PATTERN) return { faults: [fault(`the pattern has ${text.length} characters, too many`)] };
  const [inline = '', flags = ''] = /^\(\?([ims]+)\)/.exec(text) ?? [];
  const source = text.slice(inline.length).replaceAll(NEEDLESS_ESCAPE, (escape, escaped: string) => {
    return NEEDLESSLY_ESCAPED.has(escaped) ? `\\x${escaped.charCodeAt(0).toString(16)}` : escape;
  });
  try {
    return { value: new RegExp(source, `u${[...new Set(flags)].join('')}`) };
  } catch (thrown) {
    const reason = asError(thrown).message.split(': ').at(-1) ?? '';
    return { faults: [fault(`not a regular expression: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`)] };
  }
}

function fault(message: string): Fault {
  return { code: 'TSLB_CONFIG_PATTERN', message, expected: 'a regular expression as JavaScript has them' };
}

interface Search {
  readonly sandbox: Context;
  readonly script: Script;
}

/** Where matching can be ended: a context of its own, made for the first pattern. */
let search: Search | undefined;

/**
 * Whether the pattern is found anywhere in the text.
 * @throws when that takes too long: some patterns of JavaScript take for ever on a text that was made for it
 */
export function isFound(pattern: RegExp, text: string): boolean {
  return matchEach(pattern, [text])[0] !== undefined;
}

/** The named groups of a match; those that took no part are undefined. */
export type Groups = Readonly<Partial<Record<string, string>>>;

/** What the pattern's groups match in each text; undefined where it is not found. @throws as isFound, of all together */
export function matchEach(pattern: RegExp, texts: readonly string[]): readonly (Groups | undefined)[] {
  search ??= {
    sandbox: createContext(),
    script: new Script('for (const text of texts) matches.push(pattern.exec(text))'),
  };
  try {
    return runTwice(search, pattern, texts).map((match) => (match === null ? undefined : { ...match.groups }));
  } catch (thrown) {
    // Or it takes more stack than there is, which is as bad.
    throw new Error('the pattern takes too long to match this answer', { cause: thrown });
  } finally {
    Object.assign(search.sandbox, { texts: [], matches: [] });
  }
}

/** The time is not the processor's: on a busy machine it may pass without anything being done. */
function runTwice({ sandbox, script }: Search, pattern: RegExp, texts: readonly string[]): (RegExpExecArray | null)[] {
  const run = (): (RegExpExecArray | null)[] => {
    const matches: (RegExpExecArray | null)[] = [];
    Object.assign(sandbox, { pattern, texts, matches });
    script.runInContext(sandbox, { timeout: LONGEST_MATCH_MS });
    return matches;
  };
  try {
    return run();
  } catch {
    return run(); // throws again where it is the pattern
  }
}
