import type { DiagnosticCode, Severity } from './diagnostic.ts';
import type { MissingPart } from './missing-part.ts';
import type { Path } from './path.ts';

/** What is wrong with one value, told by code that knows the value but not its place. */
export interface Fault {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
  /** Where in the text of a string value it begins, in UTF-16 code units; absent for the value as a whole. */
  readonly offset?: number | undefined;
  /** The part of tslb that is not built yet and that the value wants. */
  readonly missing?: MissingPart | undefined;
  /** Absent: an error. */
  readonly severity?: Severity | undefined;
}

/** A fault and the value it is about; the source text turns it into a diagnostic. */
export interface Problem extends Fault {
  /** Keys as the file spells them. Where the path ends in nothing, the nearest table above is shown. */
  readonly path: Path;
  /** Whether the key or the value is at fault; absent: the value. */
  readonly at?: 'key' | 'value';
  /** Index into the source text, for what has no path. */
  readonly index?: number;
}

/** What came of reading a text: the value, or why there is none. */
export type Reading<Value> = { readonly value: Value } | { readonly faults: readonly Fault[] };

/**
 * A text from the file as a message shows it: in quotes, on one line, cut where it is long. One of several lines is not
 * shown: where a quote is missing it is half of the file, and may hold a secret.
 */
export function quoted(text: string): string {
  if (text.trimEnd().includes('\n')) return '"…"';
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}

const LONGEST_QUOTE = 100;

/** `a`, `a or b`, `a, b or c`. */
export function alternatives(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`;
}
