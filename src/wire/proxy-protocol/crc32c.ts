/** CRC-32C (Castagnoli, RFC 9260 appendix A): the reflected polynomial, from and to all ones. */
const POLYNOMIAL = 0x82f6_3b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest & 1) === 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/** Of bytes of which the four from `zeroAt` on count as zero: a checksum is reckoned so over what it stands in. */
export function crc32c(bytes: Uint8Array, zeroAt = bytes.length): number {
  let rest = 0xffff_ffff;
  for (let index = 0; index < bytes.length; index++) {
    const byte = index >= zeroAt && index < zeroAt + 4 ? 0 : (bytes[index] as number);
    rest = (rest >>> 8) ^ (TABLE[(rest ^ byte) & 0xff] as number);
  }
  return (rest ^ 0xffff_ffff) >>> 0;
}
