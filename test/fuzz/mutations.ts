import type { Random } from '../../src/core/random.ts';
import { between, happens, oneOf } from '../soak/chance.ts';

/** Values at which lengths and flags turn over. */
const EDGES = [0, 1, 2, 0x0a, 0x0d, 0x10, 0x14, 0x16, 0x20, 0x21, 0x7f, 0x80, 0xfe, 0xff];
const LONGEST_RUN = 64;
const MOST_CHANGES = 4;
/** Growing without end would only make the run slow. */
const LONGEST = 70_000;

type Mutation = (random: Random, bytes: Buffer, others: readonly Buffer[]) => Buffer;

function place(random: Random, bytes: Buffer): number {
  return between(random, 0, Math.max(0, bytes.length - 1));
}

function changed(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  if (at < copy.length) copy[at] = value & 0xff;
  return copy;
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => between(random, 0, 255)));
}

function joined(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts).subarray(0, LONGEST);
}

const MUTATIONS: readonly Mutation[] = [
  // A bit, an edge, or a step up or down: most lengths are one byte that matters.
  (random, bytes) => {
    const at = place(random, bytes);
    return changed(bytes, at, (bytes[at] ?? 0) ^ (1 << between(random, 0, 7)));
  },
  (random, bytes) => changed(bytes, place(random, bytes), oneOf(random, EDGES)),
  (random, bytes) => {
    const at = place(random, bytes);
    return changed(bytes, at, (bytes[at] ?? 0) + oneOf(random, [-1, 1]));
  },
  // Of two bytes that may be a length.
  (random, bytes) => {
    if (bytes.length < 2) return bytes;
    const copy = Buffer.from(bytes);
    copy.writeUInt16BE(
      oneOf(random, [0, 1, 255, 256, 1024, 16_384, 16_385, 65_535]),
      between(random, 0, bytes.length - 2),
    );
    return copy;
  },
  // Cut off, cut out, put in, doubled, and the head of one with the tail of another.
  (random, bytes) => bytes.subarray(0, place(random, bytes)),
  (random, bytes) => {
    const at = place(random, bytes);
    return joined(bytes.subarray(0, at), bytes.subarray(at + between(random, 1, LONGEST_RUN)));
  },
  (random, bytes) => {
    const at = place(random, bytes);
    return joined(bytes.subarray(0, at), randomBytes(random, between(random, 1, LONGEST_RUN)), bytes.subarray(at));
  },
  (random, bytes) => {
    const at = place(random, bytes);
    return joined(bytes.subarray(0, at + between(random, 1, LONGEST_RUN)), bytes.subarray(at));
  },
  (random, bytes, others) => {
    const other = oneOf(random, others);
    return joined(bytes.subarray(0, place(random, bytes)), other.subarray(place(random, other)));
  },
  (random, bytes) => joined(bytes, randomBytes(random, between(random, 1, LONGEST_RUN))),
];

/** One of the samples with a few changes. The same chance gives the same bytes. */
export function mutant(random: Random, samples: readonly Buffer[]): Buffer {
  let bytes = oneOf(random, samples);
  const changes = between(random, 1, MOST_CHANGES);
  for (let change = 0; change < changes; change++) bytes = oneOf(random, MUTATIONS)(random, bytes, samples);
  return bytes;
}

/** Cuts at one to a few places, or now and then into single bytes. */
export function pieces(random: Random, bytes: Buffer): readonly Buffer[] {
  if (happens(random, 0.02) && bytes.length < 4000)
    return Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
  const cuts = Array.from({ length: between(random, 1, 4) }, () => between(random, 0, bytes.length));
  const places = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}
