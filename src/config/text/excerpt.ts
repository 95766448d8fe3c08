import type { Excerpt } from '../problem/diagnostic.ts';
import { REDACTED } from '../problem/secret-words.ts';
import type { Span } from '../problem/span.ts';

const LONGEST = 160;
/** What is shown before the place when a long line is cut. */
const CONTEXT = 60;

/** @param secrets pieces of the line that are not shown, in their order; a place within one is its start */
export function excerptOf(line: string, column: number, secrets: readonly Span[]): Excerpt {
  let text = '';
  let caret: number | undefined;
  let from = 0;
  for (const { start, end } of secrets) {
    if (column < start) caret ??= text.length + column - from;
    text += line.slice(from, start);
    if (column < end) caret ??= text.length;
    text += REDACTED;
    from = end;
  }
  return cut(text + line.slice(from), caret ?? text.length + column - from);
}

function cut(line: string, column: number): Excerpt {
  if (line.length <= LONGEST) return { text: line, caret: column };
  const start = Math.max(0, Math.min(column - CONTEXT, line.length - LONGEST));
  const end = start + LONGEST;
  const before = start > 0 ? '…' : '';
  const after = end < line.length ? '…' : '';
  return { text: before + line.slice(start, end) + after, caret: column - start + before.length };
}
