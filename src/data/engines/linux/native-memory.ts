import type { LibcDescriptors } from './libc-descriptors.ts';

const HIGH_WORD = 2 ** 32;

/** Memory whose address the kernel is told, in words of 32 bits; every machine that we know has the low one first. */
export class NativeMemory {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly address: number;

  constructor(libc: Pick<LibcDescriptors, 'addressOf'>, length: number) {
    const memory = new ArrayBuffer((length + 3) & ~3);
    this.bytes = new Uint8Array(memory, 0, length);
    this.words = new Uint32Array(memory);
    this.address = libc.addressOf(this.bytes);
  }

  setPointer(word: number, address: number): void {
    this.words[word] = address >>> 0;
    this.words[word + 1] = address / HIGH_WORD;
  }

  pointer(word: number): number {
    return this.words[word]! + this.words[word + 1]! * HIGH_WORD;
  }
}
