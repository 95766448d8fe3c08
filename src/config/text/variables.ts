import type { Span } from '../problem/span.ts';

/** A `${NAME}` of a file, and what came in its place. */
interface Variable {
  readonly name: string;
  readonly isSet: boolean;
  /** In the text as it was written. */
  readonly written: Span;
  /** In the text as it is read. */
  readonly read: Span;
}

/** A text whose variables were replaced, and the way back from it. */
export interface Substituted {
  readonly written: string;
  readonly text: string;
  /** In the order of the text. */
  readonly variables: readonly Variable[];
}

/**
 * Replaces each shortest `${NAME}` on a line by the variable of that name, or by nothing where there is none; comments
 * are no exception, and there is no escape (gobetween's rules).
 */
export function substitute(written: string, env: NodeJS.ProcessEnv): Substituted {
  const variables: Variable[] = [];
  let shift = 0;
  const text = written.replace(/\$\{([^\n]*?)\}/g, (whole, name: string, start: number) => {
    const value = env[name];
    const length = value?.length ?? 0;
    variables.push({
      name,
      isSet: value !== undefined,
      written: { start, end: start + whole.length },
      read: { start: start + shift, end: start + shift + length },
    });
    shift += length - whole.length;
    return value ?? '';
  });
  return { written, text, variables };
}

/** A text in which nothing is replaced. */
export function literal(text: string): Substituted {
  return { written: text, text, variables: [] };
}

/** Where the file has what stands at an index of the text as it is read: for what came from a variable, its `${`. */
export function writtenIndex(substituted: Substituted, index: number): number {
  const variable = lastBefore(substituted, index);
  if (variable === undefined) return index;
  const { written, read } = variable;
  return index < read.end || index === read.start ? written.start : index - read.end + written.end;
}

/** The piece of the file that a piece of the text as it is read came from; variables are whole. */
export function writtenSpan(substituted: Substituted, { start, end }: Span): Span {
  const first = writtenIndex(substituted, start);
  if (end <= start) return { start: first, end: first };
  const variable = lastBefore(substituted, end - 1);
  const isOfVariable = variable !== undefined && end <= variable.read.end;
  return { start: first, end: isOfVariable ? variable.written.end : writtenIndex(substituted, end - 1) + 1 };
}

/** The last variable that begins at or before an index of the text as it is read. */
function lastBefore({ variables }: Substituted, index: number): Variable | undefined {
  let low = 0;
  let high = variables.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((variables[middle]?.read.start ?? 0) <= index) low = middle + 1;
    else high = middle;
  }
  return variables[low - 1];
}
