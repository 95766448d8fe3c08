import { quoted, type Reading } from '../../config/problem/problem.ts';
import { backendKey, type BackendSpec } from '../../core/backend.ts';
import type { Wanted } from '../../core/server-names.ts';
import { parseBackendLine } from './backend-line.ts';

/** More than 30,000 backends with all their options need. */
export const MOST_ANSWER_BYTES = 4 * 1024 * 1024;

const LONGEST_SHOWN = 80;

/**
 * A target that comes twice keeps its first place and its last options, as in gobetween, but all its names: one backend
 * may have several.
 */
export function lastOfEach(backends: readonly BackendSpec[]): readonly BackendSpec[] {
  const byKey = new Map<string, BackendSpec>();
  for (const backend of backends) {
    const key = backendKey(backend);
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? backend : { ...backend, ...namesOfBoth(before, backend) });
  }
  return [...byKey.values()];
}

/** Where only one of the two has names, the backend has these and gets clients without a name, too. */
function namesOfBoth({ sni: before, alpn: spoken }: BackendSpec, { sni, alpn }: BackendSpec): Wanted {
  const both = spoken === undefined || alpn === undefined ? undefined : [...new Set([...spoken, ...alpn])];
  return {
    ...((before !== undefined || sni !== undefined) && { sni: [...new Set([...(before ?? ['']), ...(sni ?? [''])])] }),
    ...(both !== undefined && { alpn: both }),
  };
}

/** What an answer with a backend on each line names. */
export interface ReadLines {
  readonly backends: readonly BackendSpec[];
  /** What was not understood, each with its line. */
  readonly skipped: readonly string[];
}

/**
 * Reads an answer with a backend on each line; blank lines are none.
 * @param read all lines that are not blank, as the lines come
 * @throws when it names no backend: a source that has none left is told apart from a broken one by its fail policy only
 */
export function readBackendLines(
  answer: string,
  read: (lines: readonly string[]) => readonly Reading<BackendSpec>[] = readEach,
): ReadLines {
  const lines = answer.split('\n').map((text, index) => ({ text: text.trim(), number: index + 1 }));
  const written = lines.filter(({ text }) => text !== '');
  const readings = read(written.map(({ text }) => text));
  const backends: BackendSpec[] = [];
  const skipped: string[] = [];
  for (const [index, reading] of readings.entries()) {
    const { number, text } = written[index] as (typeof written)[number];
    if ('value' in reading) backends.push(reading.value);
    else skipped.push(`line ${number}: ${reading.faults[0]?.message ?? quoted(text.slice(0, LONGEST_SHOWN))}`);
  }
  if (backends.length > 0) return { backends: lastOfEach(backends), skipped };
  const [first] = skipped;
  throw new Error(first === undefined ? 'the answer names no backends' : `no line names a backend; ${first}`);
}

function readEach(lines: readonly string[]): readonly Reading<BackendSpec>[] {
  return lines.map(parseBackendLine);
}
