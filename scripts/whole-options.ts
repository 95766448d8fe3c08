import { parseArgs } from 'node:util';

/**
 * The options of a script, whole numbers all of them.
 * @param defaults by name, without the `--` @throws RangeError for what is no such number, TypeError for other options
 */
export function wholeOptions<Name extends string>(
  defaults: Readonly<Record<Name, number>>,
): Readonly<Record<Name, number>> {
  const given = Object.entries<number>(defaults);
  const { values } = parseArgs({
    options: Object.fromEntries(given.map(([name, value]) => [name, { type: 'string', default: String(value) }])),
  });
  const wholes = given.map(([name]) => [name, whole(name, Number(values[name]))]);
  return Object.fromEntries(wholes) as Record<Name, number>;
}

function whole(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} wants a whole number above 0`);
  return value;
}
