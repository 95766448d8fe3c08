import { setTimeout as pause } from 'node:timers/promises';

/** How long a balancer may take to notice that everybody has left: its longest limit, and what a busy machine takes. */
const SETTLE_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** Looks until it is as it should be, for a while. @returns what it was at the last look */
export async function settled<State>(look: () => Promise<State>, isSettled: (state: State) => boolean): Promise<State> {
  const endsAt = performance.now() + SETTLE_MS;
  for (;;) {
    const state = await look();
    if (isSettled(state) || performance.now() > endsAt) return state;
    await pause(LOOK_EVERY_MS);
  }
}
