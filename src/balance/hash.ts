/** Where FNV-1a begins: its 32-bit offset basis. */
export const FNV_START = 0x811c9dc5;

/**
 * FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/), over some bytes.
 * @param hash FNV_START, or the hash of what stands before them
 * @returns a signed number; `>>> 0` gives the usual one
 */
export function fnv1a(hash: number, bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash;
}

/** Spreads every bit over all 32: the finalizer of MurmurHash3. One to one. */
export function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
