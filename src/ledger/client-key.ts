import { ADDRESS_WORDS } from './client-layout.ts';

const IPV6_BYTES = 16;

/** The word before an IPv4 address in its IPv6 form, ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
const MAPPED = readWord(Uint8Array.of(0, 0, 0xff, 0xff), 0);

/** 64:ff9b::/32: translated IPv4 clients, by RFC 6052 (64:ff9b::/96) and RFC 8215 (64:ff9b:1::/48). */
const TRANSLATED = readWord(Uint8Array.of(0, 0x64, 0xff, 0x9b), 0);

/** fe80::/10, in the first word of an address: all hosts of a link have the same 64 bits there (RFC 4291, 2.5.6). */
const LINK_LOCAL = readWord(Uint8Array.of(0xfe, 0x80, 0, 0), 0);
const LINK_LOCAL_MASK = readWord(Uint8Array.of(0xff, 0xc0, 0, 0), 0);

/**
 * What of an address says which client it is: an IPv4 address, or the leading bits of an IPv6 one. An IPv6 address whose
 * leading bits say nothing of its client counts whole: one that holds an IPv4 address, or of a link.
 */
export class ClientKey {
  /** Of the address that was read last. IPv4 addresses stand in their IPv6 form, so that both are one client. */
  readonly words = new Int32Array(ADDRESS_WORDS);
  readonly #mask = new Int32Array(ADDRESS_WORDS);

  /** @param bits of an IPv6 address that count, 1 to 128 */
  countOf(bits: number): void {
    readWords(maskOf(bits), this.#mask);
  }

  /** @param ip its first `ipLength` bytes, 4 or 16, in network order */
  read(ip: Uint8Array, ipLength: number): void {
    const { words } = this;
    if (ipLength === 4) {
      words[0] = words[1] = 0;
      words[2] = MAPPED;
      words[3] = readWord(ip, 0);
      return;
    }
    readWords(ip, words);
    if (countsWhole(words)) return;
    for (let word = 0; word < ADDRESS_WORDS; word++) words[word]! &= this.#mask[word]!;
  }
}

function countsWhole(words: Int32Array): boolean {
  const first = words[0]!;
  if (first === 0) return words[1] === 0 && words[2] === MAPPED;
  return first === TRANSLATED || (first & LINK_LOCAL_MASK) === LINK_LOCAL;
}

/** So many bits that are set, then those that are not. */
function maskOf(bits: number): Uint8Array {
  return Uint8Array.from({ length: IPV6_BYTES }, (_, index) => {
    const set = Math.min(8, Math.max(0, bits - index * 8));
    return (0xff00 >>> set) & 0xff;
  });
}

function readWords(ip: Uint8Array, into: Int32Array): void {
  for (let word = 0; word < ADDRESS_WORDS; word++) into[word] = readWord(ip, word * Int32Array.BYTES_PER_ELEMENT);
}

/** In little-endian order. */
function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
