import type { Libc } from './libc.ts';
import { Due, type Wheel } from './wheel.ts';

/** Spare pipes that are kept at most; each holds two descriptors. */
const MOST_SPARE = 32;

/** Spare pipes are closed when none was given back for so long. */
const KEEP_MS = 500;

type PipeMaker = Pick<Libc, 'close' | 'pipe'>;

/** Bytes on their way from one socket to another without leaving the kernel. */
export interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
  /** Bytes that it holds at most, if they come in whole pages. */
  readonly capacity: number;
  /** Bytes in it. */
  length: number;
}

/** Pipes for bulk transfers, lent while a direction is busy. Only an empty one is lent again. */
export class Pipes {
  readonly #libc: PipeMaker;
  readonly #wheel: Wheel;
  readonly #now: () => number;
  readonly #spare: Pipe[] = [];
  readonly #ends = new Int32Array(2);
  readonly #closing = new Due(() => this.close());

  constructor(libc: PipeMaker, wheel: Wheel, now: () => number) {
    this.#libc = libc;
    this.#wheel = wheel;
    this.#now = now;
  }

  /** @returns undefined when there are no descriptors left: then bytes are copied */
  take(): Pipe | undefined {
    const spare = this.#spare.pop();
    if (spare !== undefined) return spare;
    if (!this.#libc.pipe(this.#ends)) return undefined;
    return { readEnd: this.#ends[0] as number, writeEnd: this.#ends[1] as number, capacity: 65536, length: 0 };
  }

  giveBack(pipe: Pipe): void {
    if (pipe.length > 0 || this.#spare.length >= MOST_SPARE) {
      this.#close(pipe);
      return;
    }
    this.#spare.push(pipe);
    this.#wheel.set(this.#closing, this.#now() + KEEP_MS);
  }

  /** The spare ones. */
  close(): void {
    for (const pipe of this.#spare.splice(0)) this.#close(pipe);
  }

  #close({ readEnd, writeEnd }: Pipe): void {
    this.#libc.close(readEnd);
    this.#libc.close(writeEnd);
  }
}
