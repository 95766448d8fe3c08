/** The initial state of SipHash with words of 32 bits. */
const V2 = 0x6c79_6765;
const V3 = 0x7465_6462;

const LAST_ROUNDS = 3;

/**
 * HalfSipHash-1-3 (Aumasson and Bernstein, 2012) of words of 32 bits: strangers choose the addresses that it is made of,
 * and without the key they cannot have many fall together.
 */
export function keyedHash(words: Uint32Array, length: number, key: Int32Array): number {
  const k0 = key[0]!;
  const k1 = key[1]!;
  let v0 = k0;
  let v1 = k1;
  let v2 = V2 ^ k0;
  let v3 = V3 ^ k1;
  // The words, their number, and the rounds at the end.
  for (let index = 0; index <= length + LAST_ROUNDS; index++) {
    const word = index < length ? words[index]! : index === length ? length : 0;
    if (index === length + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}
