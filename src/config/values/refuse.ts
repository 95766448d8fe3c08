import type * as z from 'zod';

import type { Fault } from '../problem/problem.ts';

/** Gives faults found while reading a value to zod, which adds the path. @param key of a table, that is at fault alone */
export function refuse(context: z.core.ParsePayload, faults: readonly Fault[], key?: string): void {
  for (const fault of faults) {
    // zod puts the way to the value in front of it, in place.
    const path = key === undefined ? [] : [key];
    context.issues.push({ code: 'custom', input: context.value, message: fault.message, params: { fault }, path });
  }
}
