import type { Libc } from './libc.ts';
import { Timer, type TimerWheel } from './timer-wheel.ts';

/** Spare pipes that are kept at most; each holds two descriptors. */
const MOST_SPARE = 32;

/** Spare pipes are closed when none was given back for so long. */
const KEEP_MS = 500;

/** What a pipe holds: the most that the kernel gives by default without privileges, and what it gives unasked. */
const LARGE_BYTES = 1024 * 1024;
const USUAL_BYTES = 64 * 1024;

/** Of the large ones. The pipes of a user are bounded too (64 MiB by default), and shrink to two pages beyond. */
const MOST_LARGE = 16;

type PipeMaker = Pick<Libc, 'close' | 'pipe' | 'resizePipe'>;

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
  readonly #wheel: TimerWheel;
  readonly #now: () => number;
  readonly #spare: Pipe[] = [];
  readonly #ends = new Int32Array(2);
  readonly #closing = new Timer(() => this.close());
  #large = 0;

  constructor(libc: PipeMaker, wheel: TimerWheel, now: () => number) {
    this.#libc = libc;
    this.#wheel = wheel;
    this.#now = now;
  }

  /** @returns undefined when there is none to be had that is worth it: then bytes are copied */
  take(): Pipe | undefined {
    const spare = this.#spare.pop();
    if (spare !== undefined) return spare;
    if (!this.#libc.pipe(this.#ends)) return undefined;
    const [readEnd, writeEnd] = this.#ends as unknown as readonly [number, number];
    const capacity = this.#libc.resizePipe(writeEnd, this.#large < MOST_LARGE ? LARGE_BYTES : USUAL_BYTES);
    const pipe = { readEnd, writeEnd, capacity, length: 0 };
    if (isLarge(pipe)) this.#large += 1;
    if (capacity >= USUAL_BYTES) return pipe;
    this.#close(pipe);
    return undefined;
  }

  release(pipe: Pipe): void {
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

  #close(pipe: Pipe): void {
    if (isLarge(pipe)) this.#large -= 1;
    this.#libc.close(pipe.readEnd);
    this.#libc.close(pipe.writeEnd);
  }
}

function isLarge({ capacity }: Pipe): boolean {
  return capacity > USUAL_BYTES;
}
