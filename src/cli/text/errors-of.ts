import type { Server } from '../remote/answers.ts';

/** Clients that got no backend, could not be kept, or whose dial failed: what the history counts as errors. */
export function errorsOf({ rejected, turned_away, backends }: Server): number {
  return backends.reduce((sum, { refused }) => sum + refused, rejected + turned_away);
}
