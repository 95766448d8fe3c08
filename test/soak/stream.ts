import { createCipheriv } from 'node:crypto';

/** Of a length that no buffer's size divides, so that no lost or swapped stretch goes unnoticed. */
const PERIOD = 256 * 1024 + 37;

/** The same in every process; twice, so that a stretch is one piece wherever it begins. */
const PERIODS = periods();

function periods(): Buffer {
  const period = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(PERIOD));
  return Buffer.concat([period, period]);
}

/**
 * A part of what one side of a connection sends: bytes without end that follow from a whole number.
 * @param length at most 256 KiB
 */
export function stretch(seed: number, at: number, length: number): Buffer {
  const from = (seed + at) % PERIOD;
  return PERIODS.subarray(from, from + length);
}

/** Compares what arrives with what was sent. */
export class Arrival {
  bytes = 0;
  /** Where the first byte stands that is not the one that was sent. */
  differsAt: number | undefined;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  take(chunk: Buffer): void {
    const expected = stretch(this.#seed, this.bytes, chunk.length);
    if (!chunk.equals(expected)) this.differsAt ??= this.bytes + firstDifference(chunk, expected);
    this.bytes += chunk.length;
  }
}

function firstDifference(one: Buffer, other: Buffer): number {
  return one.findIndex((byte, index) => byte !== other[index]);
}
