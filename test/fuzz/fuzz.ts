import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { asError } from '../../src/core/errors.ts';
import type { Random } from '../../src/core/random.ts';
import { nthRandom } from '../soak/chance.ts';
import { mutant } from './mutations.ts';

/** In the run of every day. `TSLB_FUZZ=100000` has so many of each format, `TSLB_FUZZ_SEED=N` others. */
const QUICK = 3000;
const SEED = 13;

export const FUZZ_SEED = Number(process.env['TSLB_FUZZ_SEED'] ?? SEED);

/** Inputs of each format in this run. */
export const FUZZ_COUNT = Number(process.env['TSLB_FUZZ'] ?? QUICK);

export interface Format {
  readonly name: string;
  /** Good ones, which are changed. */
  readonly samples: readonly Buffer[];
  /** Of an input; chance cuts it into pieces. @throws Error when something is wrong */
  readonly check: (bytes: Buffer, random: Random) => void;
}

/** Those that once failed, made as short as they go: a file of hex for each in test/fuzz/kept/FORMAT. */
export function keptInputs(format: string): readonly Buffer[] {
  const folder = new URL(`../../../test/fuzz/kept/${format}/`, import.meta.url);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.hex'));
  return files.map((file) => Buffer.from(readFileSync(new URL(file, folder), 'utf8').trim(), 'hex'));
}

/** Declares the tests of a format: what once failed, and so many mutants of its samples. */
export function fuzz({ name, samples, check }: Format): void {
  test(`${name}: samples, and what once failed`, () => {
    for (const bytes of [...samples, ...keptInputs(name)]) check(bytes, nthRandom(FUZZ_SEED, 0));
  });

  test(`${name}: ${FUZZ_COUNT} mutants of seed ${FUZZ_SEED}`, () => {
    for (let nth = 1; nth <= FUZZ_COUNT; nth++) {
      const bytes = mutant(nthRandom(FUZZ_SEED, nth), samples);
      const failure = failureOf(check, bytes, nth);
      if (failure === undefined) continue;
      const shortest = minimised(bytes, (shorter) => failureOf(check, shorter, nth) !== undefined);
      const { message } = failureOf(check, shortest, nth) ?? failure;
      assert.fail(
        `mutant ${nth} of seed ${FUZZ_SEED}: ${message}\nkeep it in test/fuzz/kept/${name}: ${shortest.toString('hex')}`,
      );
    }
  });
}

function failureOf(check: Format['check'], bytes: Buffer, nth: number): Error | undefined {
  try {
    check(bytes, nthRandom(~FUZZ_SEED, nth));
    return undefined;
  } catch (thrown) {
    return asError(thrown);
  }
}

/** Leaves out what it still fails without: halves first, then less, down to single bytes. */
export function minimised(bytes: Buffer, fails: (bytes: Buffer) => boolean): Buffer {
  let shortest = bytes;
  for (let length = Math.ceil(bytes.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let at = 0; at < shortest.length;) {
      const shorter = Buffer.concat([shortest.subarray(0, at), shortest.subarray(at + length)]);
      if (fails(shorter)) shortest = shorter;
      else at += length;
    }
  }
  return shortest;
}
