import { ApiError } from './api.ts';

/** The reason why a command failed. */
export interface Failure {
  readonly text: string;
  /** The problems of the request, a line each; a single one is in the text already. */
  readonly problems: readonly string[];
}

export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof ApiError) return { text: thrown.message, problems: thrown.problems };
  return { text: 'The balancer does not answer. The change may not have been made.', problems: [] };
}

/** On one line. */
export function failureText(thrown: unknown): string {
  const { text, problems } = failureOf(thrown);
  return [text, ...(problems.length > 1 ? problems : [])].join('; ');
}
