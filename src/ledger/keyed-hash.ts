const INPUT_WORDS = 4;
const FINAL_ROUNDS = 3;
/** The length of the input in the highest byte: the last block of the padding. */
const LENGTH_BLOCK = (INPUT_WORDS * Int32Array.BYTES_PER_ELEMENT) << 24;

/**
 * HalfSipHash-1-3 (https://github.com/veorq/SipHash), the hash of the tables in Linux, of 16 bytes: who does not know
 * the seed cannot find inputs that collide.
 * @param words in which the bytes stand as four words in little-endian order, the first of them at `from`
 * @returns a signed number
 */
export function keyedHash(words: Int32Array, from: number, seed0: number, seed1: number): number {
  let a = seed0;
  let b = seed1;
  let c = seed0 ^ 0x6c796765;
  let d = seed1 ^ 0x74656462;
  for (let round = 0; round <= INPUT_WORDS + FINAL_ROUNDS; round++) {
    const block = round < INPUT_WORDS ? words[from + round]! : round === INPUT_WORDS ? LENGTH_BLOCK : 0;
    d ^= block;
    a = (a + b) | 0;
    b = ((b << 5) | (b >>> 27)) ^ a;
    a = (a << 16) | (a >>> 16);
    c = (c + d) | 0;
    d = ((d << 8) | (d >>> 24)) ^ c;
    a = (a + d) | 0;
    d = ((d << 7) | (d >>> 25)) ^ a;
    c = (c + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ c;
    c = (c << 16) | (c >>> 16);
    a ^= block;
    if (round === INPUT_WORDS) c ^= 0xff;
  }
  return b ^ d;
}
