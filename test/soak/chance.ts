import type { Random } from '../../src/core/random.ts';
import { seededRandom } from '../helpers/fakes/test-capacity.ts';

/** Spreads neighbours in number over all seeds: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e3779b1;

/** The n-th source of chance of a seed; the same numbers give the same one. */
export function nthRandom(seed: number, n: number): Random {
  return seededRandom(Math.imul(n + 1, SPREAD) ^ seed);
}

/** A whole number, both ends included. */
export function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

export function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  return items[between(random, 0, items.length - 1)] as Item;
}

export function happens(random: Random, probability: number): boolean {
  return random() < probability;
}
