import { quoted } from '../../config/problem/problem.ts';
import { isFound } from '../../config/values/pattern.ts';

/** What an answer is compared with. */
export interface Expectation {
  /** Bytes to read. */
  readonly most: number;
  /** Whether what has come so far decides. */
  readonly isEnough: (bytes: Buffer) => boolean;
  /** @throws what is wrong with the answer */
  readonly judge: (bytes: Buffer) => void;
}

const LONGEST_SHOWN = 40;

/** The answer begins with these bytes; the first other byte ends the reading. */
export function prefixExpected(prefix: Buffer): Expectation {
  const isOther = (bytes: Buffer): boolean => !prefix.subarray(0, bytes.length).equals(bytes);
  return {
    most: prefix.length,
    isEnough: isOther,
    judge(bytes) {
      if (isOther(bytes)) throw new Error(`the answer begins with ${shown(bytes)}`);
      if (bytes.length < prefix.length) throw new Error(tooShort(bytes, prefix.length));
    },
  };
}

/** The pattern is found in the first bytes of the answer, of which there must be so many. */
export function patternExpected(pattern: RegExp, length: number): Expectation {
  return {
    most: length,
    isEnough: () => false,
    judge(bytes) {
      if (bytes.length < length) throw new Error(tooShort(bytes, length));
      if (!isFound(pattern, bytes.toString())) throw new Error(`the answer ${shown(bytes)} does not match`);
    },
  };
}

function shown(bytes: Buffer): string {
  return quoted(bytes.toString('latin1', 0, LONGEST_SHOWN));
}

function tooShort(bytes: Buffer, length: number): string {
  return bytes.length === 0 ? 'closed without an answer' : `closed after ${bytes.length} of ${length} bytes`;
}
