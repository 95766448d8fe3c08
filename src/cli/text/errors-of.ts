import type { Server } from '../remote/answers.ts';

/** Clients that got no backend or could not be kept, and dials that failed: what the history counts as errors. */
export function errorsOf({ rejected, turned_away, refused }: Server): number {
  return rejected + turned_away + refused;
}
