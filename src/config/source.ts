import { byPosition, type Diagnostic, type Excerpt } from './diagnostic.ts';
import { pathText } from './path.ts';
import { findPlace, type Place, sourceIndex } from './place.ts';
import type { Problem } from './problem.ts';

/** A file's text, for pointing into it. Indexes are those of the text after decoding and substitution. */
export interface Source {
  readonly file: string;
  /** Empty where the file could not be read. */
  readonly text: string;
  /** Absent where the text could not be parsed. */
  readonly places?: Place | undefined;
}

/** Problems with their place in the file, in the order of the file. */
export function diagnose(source: Source, problems: readonly Problem[]): readonly Diagnostic[] {
  const lineStarts = lineStartsOf(source.text);
  return problems.map((problem) => diagnosticOf(source, lineStarts, problem)).toSorted(byPosition);
}

function diagnosticOf(source: Source, lineStarts: readonly number[], problem: Problem): Diagnostic {
  const { severity, code, path, message, expected, suggestion } = problem;
  return {
    severity: severity ?? 'error',
    code,
    file: source.file,
    ...spotOf(source, lineStarts, indexOf(source, problem)),
    path: pathText(path),
    message,
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && { suggestion }),
  };
}

function indexOf({ text, places }: Source, { index, path, at, offset }: Problem): number | undefined {
  if (index !== undefined) return index;
  const found = places && findPlace(places, path);
  if (found === undefined) return undefined;
  const { keyStart, valueStart, valueEnd } = found.place;
  if (!found.isExact || at === 'key') return keyStart;
  if (offset === undefined) return valueStart;
  return valueStart + sourceIndex(text.slice(valueStart, valueEnd), offset);
}

function spotOf(
  { text }: Source,
  lineStarts: readonly number[],
  index: number | undefined,
): { line: number; column: number; excerpt: Excerpt } | undefined {
  if (index === undefined) return undefined;
  const line = lineAt(lineStarts, index);
  const start = lineStarts[line] ?? 0;
  const end = lineStarts[line + 1] ?? text.length + 1;
  return { line: line + 1, column: index - start + 1, excerpt: excerptOf(text.slice(start, end - 1), index - start) };
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The last line that starts at or before the index. */
function lineAt(lineStarts: readonly number[], index: number): number {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

const LONGEST_EXCERPT = 160;
/** What is shown before the place when a long line is cut. */
const CONTEXT = 60;

function excerptOf(line: string, column: number): Excerpt {
  if (line.length <= LONGEST_EXCERPT) return { text: line, caret: column };
  const start = Math.max(0, Math.min(column - CONTEXT, line.length - LONGEST_EXCERPT));
  const end = start + LONGEST_EXCERPT;
  const before = start > 0 ? '…' : '';
  const after = end < line.length ? '…' : '';
  return { text: before + line.slice(start, end) + after, caret: column - start + before.length };
}
