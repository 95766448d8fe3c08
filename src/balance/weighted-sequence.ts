import type { Member } from '../core/balancer.ts';

/** An endless sequence in which each index comes up exactly in proportion to its weight. */
export interface WeightedSequence {
  /** Turns until the sequence repeats: the sum of the weights. */
  readonly total: number;
  /** Whose turn it is. @param turn 0 to total − 1 */
  at(turn: number): number;
}

/** With sums of weights up to here every product in `shareOf` is exact in a double. */
const LARGEST_TOTAL = 2 ** 26;

/**
 * The members' weights for `weightedSequence`. They are exact unless their sum is above 2^25: then they are scaled down
 * to it and rounded, at least 1 each, so that each share of n members is off by at most about n in 2^25.
 */
export function weightsOf(members: readonly Member[]): Int32Array {
  const sum = members.reduce((total, member) => total + member.weight, 0);
  const scale = Math.min(1, LARGEST_TOTAL / 2 / sum);
  return Int32Array.from(members, (member) => Math.max(1, Math.round(member.weight * scale)));
}

/**
 * The smooth weighted sequence: in `total` consecutive turns each index comes up exactly `weight` times, and at any
 * point it has had its share of the turns so far, give or take less than two. 2:3 is B A B A B, not A A B B B.
 *
 * A binary tree over the indexes, split where the weights are nearest to halves. Each inner node spreads its left part
 * evenly over its turns (Bresenham's line) and a turn goes down one path. Smooth as nginx's sequence
 * (ngx_stream_upstream_round_robin.c), but a turn is O(log n), nothing is kept between turns, and there is no table
 * that would grow with the weights. Why less than two: each node above an index rounds by at most half a turn, of
 * which the index gets only its share; shares at least halve every two nodes, so the sum stays below
 * ½ + ½ + ¼ + ¼ + ⅛ + ⅛ + … = 2.
 *
 * @param weights whole numbers of at least 1, as `weightsOf` gives them
 */
export function weightedSequence(weights: Int32Array): WeightedSequence {
  return new Tree(weights);
}

/** How many of the first `turn` turns of `whole` belong to a `part` of it that is spread evenly. */
export function shareOf(part: number, whole: number, turn: number): number {
  return Math.floor((turn * part + (whole >>> 1)) / whole);
}

class Tree implements WeightedSequence {
  readonly total: number;
  readonly #root: number;
  /** Per inner node: the weight of its left side, the weight of both, and its children: an inner node or `~index`. */
  readonly #part: Int32Array;
  readonly #whole: Int32Array;
  readonly #children: Int32Array;
  #size = 0;

  constructor(weights: Int32Array) {
    this.#part = new Int32Array(weights.length);
    this.#whole = new Int32Array(weights.length);
    this.#children = new Int32Array(weights.length * 2);
    const sums = runningSums(weights);
    this.total = sums[weights.length] as number;
    this.#root = this.#grow(sums, 0, weights.length);
  }

  at(turn: number): number {
    let node = this.#root;
    while (node >= 0) {
      const part = this.#part[node] as number;
      const whole = this.#whole[node] as number;
      const before = shareOf(part, whole, turn);
      const isLeft = shareOf(part, whole, turn + 1) > before;
      turn = isLeft ? before : turn - before;
      node = this.#children[node * 2 + (isLeft ? 0 : 1)] as number;
    }
    return ~node;
  }

  /** Makes the subtree of the indexes from `from` up to but without `to`. */
  #grow(sums: Float64Array, from: number, to: number): number {
    if (to - from === 1) return ~from;
    const node = this.#size++;
    const before = sums[from] as number;
    const whole = (sums[to] as number) - before;
    const middle = nearest(sums, { from: from + 1, to: to - 1, value: before + whole / 2 });
    this.#part[node] = (sums[middle] as number) - before;
    this.#whole[node] = whole;
    this.#children[node * 2] = this.#grow(sums, from, middle);
    this.#children[node * 2 + 1] = this.#grow(sums, middle, to);
    return node;
  }
}

/** 0, then the sum of the first weight, of the first two, and so on. */
export function runningSums(weights: Int32Array): Float64Array {
  const sums = new Float64Array(weights.length + 1);
  weights.forEach((weight, index) => (sums[index + 1] = (sums[index] as number) + weight));
  return sums;
}

/** The place from `from` to `to` whose sum is nearest to the value. */
function nearest(sums: Float64Array, { from, to, value }: { from: number; to: number; value: number }): number {
  const above = Math.min(to, Math.max(from, firstAbove(sums, value)));
  if (above === from) return from;
  return value - (sums[above - 1] as number) <= (sums[above] as number) - value ? above - 1 : above;
}

/** The first place whose sum is above the value, by halving. */
export function firstAbove(sums: Float64Array, value: number): number {
  let low = 0;
  let high = sums.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
