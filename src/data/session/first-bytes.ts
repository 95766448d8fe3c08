/** Enough to see what it is. */
const SHOWN_BYTES = 32;

/** The first bytes, what is not printable as `\x00`. */
export function firstBytes(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `${shown.join('')}${bytes.length > SHOWN_BYTES ? '…' : ''}`;
}
