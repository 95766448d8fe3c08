/** What a descriptor is ready for, or what became of it: epoll_ctl(2). */
export const READABLE = 0x1;
export const URGENT = 0x2;
export const WRITABLE = 0x4;
export const FAILED = 0x8;
export const HUNG_UP = 0x10;
export const PEER_FINISHED = 0x2000;

/** Where struct epoll_event has its parts: epoll_event(3type). */
export interface EventLayout {
  readonly bytes: number;
  readonly dataAt: number;
}

/** What differs between the architectures we know: struct epoll_event is packed on x86-64. */
export const EVENT_LAYOUTS: Readonly<Record<string, EventLayout>> = {
  x64: { bytes: 12, dataAt: 4 },
  arm64: { bytes: 16, dataAt: 8 },
  riscv64: { bytes: 16, dataAt: 8 },
};

/** Events as the kernel wrote them; each has the descriptor, the tag it is watched with, and what happened. */
export class EventList {
  readonly memory: Buffer;
  readonly capacity: number;
  readonly #words: Int32Array;
  readonly #stride: number;
  readonly #dataAt: number;

  constructor(capacity: number, layout: EventLayout) {
    this.capacity = capacity;
    this.memory = Buffer.alloc(capacity * layout.bytes);
    this.#words = new Int32Array(this.memory.buffer, this.memory.byteOffset, (capacity * layout.bytes) / 4);
    this.#stride = layout.bytes / 4;
    this.#dataAt = layout.dataAt / 4;
  }

  events(index: number): number {
    return this.#words[index * this.#stride] as number;
  }

  fd(index: number): number {
    return this.#words[index * this.#stride + this.#dataAt] as number;
  }

  tag(index: number): number {
    return (this.#words[index * this.#stride + this.#dataAt + 1] as number) >>> 0;
  }
}
