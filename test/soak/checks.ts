import { inspect, isDeepStrictEqual } from 'node:util';

/** One thing that has to hold in the end of a run. */
export interface CheckResult {
  readonly name: string;
  /** Absent when it holds. */
  readonly failure: string | undefined;
}

/** @param failure what it was instead, in words */
export function check(name: string, holds: boolean, failure: () => string): CheckResult {
  return { name, failure: holds ? undefined : failure() };
}

export function same(name: string, actual: unknown, expected: unknown): CheckResult {
  return check(name, isDeepStrictEqual(actual, expected), () => `${inspect(actual)}\ninstead of\n${inspect(expected)}`);
}

/** Names and numbers, for a person. */
export function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
