import { createHash, randomBytes } from 'node:crypto';

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** Random, and of a length that no power of two divides, so that no lost or swapped stretch goes unnoticed. */
const BLOCK = randomBytes(64 * KIB + 37);

/** As many bytes, never the same at two multiples of a buffer's size. */
export function payload(bytes: number): Buffer {
  return bytes === 0 ? Buffer.alloc(0) : Buffer.alloc(bytes, BLOCK);
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
