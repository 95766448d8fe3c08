/**
 * Tokens that threads pass to each other, as Int32 words in memory that they share: a token of a thread that
 * is not called, or does not answer, stays there.
 */
export const HOPS_LEFT = 0;
/** Tokens that no hop was left for. */
export const RESTING = 1;

/** Tokens that lie at a thread. */
export function tokensAt(workerIndex: number): number {
  return 2 + workerIndex;
}
