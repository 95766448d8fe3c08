import * as z from 'zod';

/** A moment: RFC 3339 with milliseconds, in UTC. */
export function moment(description: string) {
  return z.iso.datetime({ precision: 3 }).meta({ description, examples: ['2026-11-23T14:35:00.000Z'] });
}

/** A whole number of things. */
export function tally(description: string, example = 0) {
  return z
    .int()
    .min(0)
    .meta({ description, examples: [example] });
}

/** A number that need not be whole. */
export function measure(description: string, example = 0) {
  return z
    .number()
    .min(0)
    .meta({ description, examples: [example] });
}

export function words(description: string, ...example: readonly string[]) {
  return z.array(z.string()).meta({ description, examples: [example] });
}

export function word(description: string, example: string) {
  return z.string().meta({ description, examples: [example] });
}

export function claim(description: string) {
  return z.boolean().meta({ description, examples: [false] });
}
