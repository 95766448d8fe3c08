/**
 * IPv4 as inet_aton(3) reads it, and so every program that calls getaddrinfo: `127.0.0.1`, `127.1`, `0x7f000001`. Up to
 * four numbers, decimal, octal (`010`) or hexadecimal; the last one fills the bytes that are left.
 * @returns four decimal numbers; undefined where it is no such text
 */
export function ipv4Of(text: string): string | undefined {
  const parts = text.split('.');
  if (parts.length > 4 || !parts.every((part) => /^(?:0x[\da-f]+|0[0-7]*|[1-9]\d*)$/i.test(part))) return undefined;
  const numbers = parts.map((part) => Number(/^0[0-7]+$/.test(part) ? `0o${part.slice(1)}` : part));
  const last = numbers.pop() ?? 0;
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
  const value = numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
  return [24, 16, 8, 0].map((bits) => (value / 2 ** bits) & 255).join('.');
}

/** As inet_ntop(3) writes them. @param bytes 4 or 16 */
export function ipOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const words = Array.from({ length: 8 }, (_, index) => (bytes[2 * index] ?? 0) * 256 + (bytes[2 * index + 1] ?? 0));
  const gap = longestGap(words);
  const isMapped = gap.from === 0 && (gap.length === 6 || (gap.length === 5 && words[5] === 0xffff));
  const texts = words.map((word) => word.toString(16));
  if (isMapped) texts.splice(6, 2, bytes.subarray(12).join('.'));
  if (gap.length < 2) return texts.join(':');
  return `${texts.slice(0, gap.from).join(':')}::${texts.slice(gap.from + gap.length).join(':')}`;
}

/** The first of the longest runs of zeros. */
function longestGap(words: readonly number[]): { readonly from: number; readonly length: number } {
  let best = { from: 0, length: 0 };
  let from = 0;
  for (const [index, word] of words.entries()) {
    if (word !== 0) from = index + 1;
    else if (index + 1 - from > best.length) best = { from, length: index + 1 - from };
  }
  return best;
}
