import { byPosition, type Diagnostic } from '../problem/diagnostic.ts';
import { pathText, type Path } from '../problem/path.ts';
import type { Problem } from '../problem/problem.ts';
import { secretsInText } from '../problem/secret-words.ts';
import type { Span } from '../problem/span.ts';
import { excerptOf } from './excerpt.ts';
import { findPlace, type Place, sourceIndex } from './place.ts';
import { literal, type Substituted, writtenIndex, writtenSpan } from './variables.ts';

/** A file's text, for pointing into it. */
export interface Source {
  readonly file: string;
  /** Empty where the file could not be read. */
  readonly content: Substituted;
  /** By indexes of the text as it is read. Absent where it could not be parsed. */
  readonly places?: Place | undefined;
  /** The paths of secrets. */
  readonly secrets: readonly Path[];
}

/** Of what comes from no file. */
export const NO_SOURCE: Source = { file: '', content: literal(''), secrets: [] };

/** Problems with their place in the file, in the order of the file. */
export function diagnose(source: Source, problems: readonly Problem[]): readonly Diagnostic[] {
  const page = { ...source, lineStarts: lineStartsOf(source.content.written), hidden: hiddenSpans(source, problems) };
  return problems.map((problem) => diagnosticOf(page, problem)).toSorted(byPosition);
}

interface Page extends Source {
  readonly lineStarts: readonly number[];
  /** In the order of the file. */
  readonly hidden: readonly Span[];
}

function diagnosticOf(page: Page, problem: Problem): Diagnostic {
  const { severity, code, path, message, expected, suggestion, missing } = problem;
  return {
    severity: severity ?? 'error',
    code,
    file: page.file,
    ...spotOf(page, indexOf(page, problem)),
    path: pathText(path),
    message,
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && { suggestion }),
    ...(missing !== undefined && { missing }),
  };
}

/** In the text as it is read. */
function indexOf({ content, places }: Source, { index, path, at, offset }: Problem): number | undefined {
  if (index !== undefined) return index;
  const found = places && findPlace(places, path);
  if (found === undefined) return undefined;
  const { keyStart, valueStart, valueEnd } = found.place;
  if (!found.isExact || at === 'key') return keyStart;
  if (offset === undefined) return valueStart;
  return valueStart + sourceIndex(content.text.slice(valueStart, valueEnd), offset);
}

function spotOf(
  { content, lineStarts, hidden }: Page,
  index: number | undefined,
): Pick<Diagnostic, 'line' | 'column' | 'excerpt' | 'note'> | undefined {
  if (index === undefined) return undefined;
  const at = writtenIndex(content, index);
  const line = lineAt(lineStarts, at);
  const start = lineStarts[line] ?? 0;
  const end = (lineStarts[line + 1] ?? content.written.length + 1) - 1;
  const secrets = hidden.flatMap((span) => within(span, start, end));
  return {
    line: line + 1,
    column: at - start + 1,
    excerpt: excerptOf(content.written.slice(start, end), at - start, secrets),
    ...unsetNote(content, start, end),
  };
}

/** The source line has the name of a variable, which does not show that it stands for nothing. */
function unsetNote({ variables }: Substituted, start: number, end: number): { note?: string } {
  const unset = variables.find(({ isSet, written }) => !isSet && written.start >= start && written.end <= end);
  return unset === undefined
    ? {}
    : { note: `the environment variable ${unset.name} is not set; it is replaced by an empty text` };
}

/** The part of a span that is on a line, by columns from 0. */
function within(span: Span, start: number, end: number): readonly Span[] {
  const part = { start: Math.max(span.start, start) - start, end: Math.min(span.end, end) - start };
  return part.start < part.end ? [part] : [];
}

const HIDES_NOTHING = /^["']*(?:\$\{[^\n]*?\})*["']*$/;

/**
 * What no excerpt shows. Where a key stands twice, only one of both has a place; so there, and where the text could not
 * be parsed, names are looked for. An empty text and the name of a variable
 * are no secrets.
 */
function hiddenSpans({ content, places, secrets }: Source, problems: readonly Problem[]): readonly Span[] {
  const placed = secrets.flatMap((path) => {
    const found = places && findPlace(places, path);
    if (found?.isExact !== true) return [];
    return [writtenSpan(content, { start: found.place.valueStart, end: found.place.valueEnd })];
  });
  const isVague = places === undefined || problems.some(({ index }) => index !== undefined);
  const spans = [...placed, ...(isVague ? secretsInText(content.written) : [])];
  const hidden = spans.filter(({ start, end }) => !HIDES_NOTHING.test(content.written.slice(start, end)));
  return united(hidden.toSorted((a, b) => a.start - b.start));
}

function united(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last === undefined || span.start > last.end) result.push(span);
    else result[result.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return result;
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
