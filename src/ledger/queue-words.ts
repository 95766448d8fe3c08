import type { EngineKind } from '../core/engine.ts';

/**
 * Who waits for a server's backends, in memory shared by all threads:
 *
 *     Int32    [ clients that wait | last number given out | lines in use | first number of line 0 … 511 ]    atomics
 *
 * Each client that waits has a number. The clients of one thread wait in a line, in the order of their numbers; so the
 * thread whose first has the lowest has the one that came before all others.
 */
const WAITING = 0;
const LAST_NUMBER = 1;
const LINES = 2;
const FIRST = 3;

/** Of each engine, 256 threads. */
const MOST_LINES = 512;

/** The thread in a seat of its engine has a line of its own. */
export function lineOf(engine: EngineKind, seat: number): number {
  return 2 * seat + (engine === 'net' ? 1 : 0);
}

/** Of the thread that has this line. */
export function seatOf(line: number): number {
  return line >> 1;
}

/** Not given to anybody. */
const NOBODY = 0;

export function queueMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer((FIRST + MOST_LINES) * Int32Array.BYTES_PER_ELEMENT);
}

/** A thread's part in it. */
export class QueueWords {
  readonly #words: Int32Array;
  /** Of this thread. */
  readonly line: number;

  constructor(memory: SharedArrayBuffer, line: number) {
    this.#words = new Int32Array(memory);
    this.line = line;
    for (;;) {
      const lines = Atomics.load(this.#words, LINES);
      if (lines > line || Atomics.compareExchange(this.#words, LINES, lines, line + 1) === lines) return;
    }
  }

  get waiting(): number {
    return Atomics.load(this.#words, WAITING);
  }

  /** Draws a number. @param most that may wait; 0 is no limit @returns 0 when so many wait */
  enter(most: number): number {
    for (;;) {
      const waiting = Atomics.load(this.#words, WAITING);
      if (most > 0 && waiting >= most) return NOBODY;
      if (Atomics.compareExchange(this.#words, WAITING, waiting, waiting + 1) === waiting) break;
    }
    for (;;) {
      const number = (Atomics.add(this.#words, LAST_NUMBER, 1) + 1) | 0;
      if (number !== NOBODY) return number;
    }
  }

  /** With the number that it had. */
  reenter(): void {
    Atomics.add(this.#words, WAITING, 1);
  }

  leave(): void {
    Atomics.sub(this.#words, WAITING, 1);
  }

  /** Tells all threads who comes first of those that wait on this one. @param number 0 where nobody does */
  setFirst(number: number): void {
    Atomics.store(this.#words, FIRST + this.line, number);
  }

  /** @returns the line whose turn it is, -1 where nobody waits */
  lineInTurn(): number {
    const lines = Atomics.load(this.#words, LINES);
    let first = NOBODY;
    let inTurn = -1;
    for (let line = 0; line < lines; line++) {
      const number = Atomics.load(this.#words, FIRST + line);
      // The numbers wrap, and so does their difference.
      if (number === NOBODY || (inTurn >= 0 && ((number - first) | 0) >= 0)) continue;
      first = number;
      inTurn = line;
    }
    return inTurn;
  }
}

/** The thread of a line has died, and so many that waited there have gone with it. */
export function buryLine(memory: SharedArrayBuffer, line: number, waited: number): void {
  const words = new Int32Array(memory);
  Atomics.store(words, FIRST + line, NOBODY);
  Atomics.sub(words, WAITING, waited);
}
