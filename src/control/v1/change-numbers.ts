import type { ControlEvent } from '../../core/events.ts';

const numbers = new WeakMap<ControlEvent, number>();
let given = 0;

/** Of an event, in the order in which they are first seen: the same for every stream of this process. */
export function numberOf(event: ControlEvent): number {
  const known = numbers.get(event);
  if (known !== undefined) return known;
  given += 1;
  numbers.set(event, given);
  return given;
}
