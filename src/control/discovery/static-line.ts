import type { Reading } from '../../config/problem/problem.ts';
import type { BackendSpec } from '../../core/backend.ts';
import { parseBackendLine } from './backend-line.ts';

const SCHEME = /^\s*(tcp|udp):\/\/(?=[^\s/])(?!unix:)/i;

/** What stands before the address of an entry. */
export type BackendScheme = 'tcp' | 'udp';

/** An entry of `static_list`, taken apart. */
export interface StaticLine {
  /** A client library of gobetween's API writes it; gobetween takes it for a part of the host, and never connects. */
  readonly scheme: BackendScheme | undefined;
  /** What stands behind it. */
  readonly line: string;
}

export function splitScheme(line: string): StaticLine {
  const [whole, scheme] = SCHEME.exec(line) ?? [];
  return whole === undefined
    ? { scheme: undefined, line }
    : { scheme: scheme?.toLowerCase() as BackendScheme, line: line.slice(whole.length) };
}

/** Reads an entry of `static_list`, with a scheme or without. */
export function parseStaticLine(text: string): Reading<BackendSpec> {
  const { line } = splitScheme(text);
  const reading = parseBackendLine(line);
  if ('value' in reading || line === text) return reading;
  const by = text.length - line.length;
  return { faults: reading.faults.map((fault) => ({ ...fault, offset: (fault.offset ?? 0) + by })) };
}
