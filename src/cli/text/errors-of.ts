import type { Server } from '../remote/answers.ts';

/** Clients that got no backend or could not be kept, and dials that failed: what the history counts as errors. */
export function errorsOf({ no_backend, no_resources, refused }: Server): number {
  return no_backend + no_resources + refused;
}
