import TOML from '@iarna/toml';

import { asError } from '../../core/errors.ts';
import { type Problem, quoted } from '../problem/problem.ts';
import type { Place } from './place.ts';
import { readTomlPlaces, type TomlPlaces } from './toml-places.ts';

/** A text of a format, read: the value, or what is wrong with the text. */
export interface Parsed {
  /** Absent when the text is not of the format. */
  readonly value?: unknown;
  readonly problems: readonly Problem[];
}

/** Reads TOML 1.0. Integers beyond 2^53 come as bigint, dates as Date. */
export async function parseToml(text: string): Promise<Parsed> {
  const problems = await inheritedKeyProblems(text);
  if (problems.length > 0) return { problems };
  try {
    return { value: TOML.parse(text), problems: [] };
  } catch (thrown) {
    return { problems: [await syntaxProblem(text, thrown)] };
  }
}

const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));
const SUSPECT = new RegExp(String.raw`\\[uUx]|${[...INHERITED].join('|')}`);

/**
 * @iarna/toml 3.0.0 takes what every object inherits for a table that exists: `[toString]` and `toString.x` write into
 * the function itself, for the whole process. So it never sees a key of such a name. A text that has none of the words,
 * and no escape that could hide one, is not looked at further.
 */
async function inheritedKeyProblems(text: string): Promise<readonly Problem[]> {
  if (!SUSPECT.test(text)) return [];
  const read = await readTomlPlaces(text);
  if ('problem' in read) return [read.problem];
  const problems: Problem[] = [];
  const open = [read.root];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    for (const [name, child] of place.children) {
      open.push(child);
      if (!INHERITED.has(name)) continue;
      const message = `the key ${quoted(name)} is reserved`;
      problems.push({ code: 'TSLB_CONFIG_RESERVED_NAME', path: [], index: child.keyStart, message });
    }
  }
  return problems;
}

async function syntaxProblem(text: string, thrown: unknown): Promise<Problem> {
  const reason = reasonOf(asError(thrown).message);
  if (reason.includes('redefine')) {
    // @iarna/toml points behind the value; the other parser points at the key, and may not agree that it is a fault.
    const index = duplicateIndex(await readTomlPlaces(text)) ?? indexOfError(text, thrown);
    const message = 'this key or section is defined a second time';
    return { code: 'TSLB_CONFIG_DUPLICATE_KEY', path: [], index, message };
  }
  return { code: 'TSLB_CONFIG_SYNTAX', path: [], index: indexOfError(text, thrown), message: reason };
}

/** @iarna/toml gives the end of the text the number behind it. */
const LAST_CODE_POINT = 0x10ffff;

/** The first line of the message, without the position, and with characters instead of their numbers. */
function reasonOf(message: string): string {
  const [line = ''] = message.split('\n');
  return line
    .replace(/ at row \d+, col \d+, pos \d+:?$/, '')
    .replace(/^Unknown (escape )?character:? "?(\d+)"?$/, (_, escape: string | undefined, code: string) => {
      const point = Number(code);
      if (point > LAST_CODE_POINT) return 'unexpected end of the file';
      return `unexpected ${escape ?? ''}character ${JSON.stringify(String.fromCodePoint(point))}`;
    })
    .replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

/** @iarna/toml counts lines from 0, and columns from 1 on the first line but from 0 on the others. */
function indexOfError(text: string, thrown: unknown): number {
  const { line, col } = thrown as { line?: number; col?: number };
  if (line === undefined || col === undefined) return 0;
  let start = 0;
  for (let i = 0; i < line; i++) start = text.indexOf('\n', start) + 1;
  return Math.min(text.length, start + (line === 0 ? Math.max(0, col - 1) : col));
}

function duplicateIndex(read: TomlPlaces): number | undefined {
  return 'problem' in read ? read.problem.index : undefined;
}

/** Where each key and value stands; nothing when the position parser refuses a text that @iarna/toml accepts. */
export async function tomlPlaces(text: string): Promise<Place | undefined> {
  const read = await readTomlPlaces(text);
  return 'problem' in read ? undefined : read.root;
}
