/**
 * The clients that wait for a server's backends, in memory shared by all threads:
 *
 *     Int32    [ clients that wait | last ticket given out | queues in use | first ticket of queue 0 … 1023 ]  atomics
 *
 * Each client that waits has a ticket, a number. The clients of one thread wait in its queue, in the order of their
 * tickets; so the thread whose first has the lowest ticket has the client that came before all others. The control plane
 * gives each thread the number of its queue, over all engines: no two living threads have the same.
 */
const WAITING = 0;
const LAST_TICKET = 1;
const QUEUES = 2;
const FIRST = 3;

/** Threads that may live at once, of all engines: four engines with as many as a configuration allows, 256. */
export const MOST_QUEUES = 1_024;

/** No client has this ticket. */
const NO_TICKET = 0;

export function queueMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer((FIRST + MOST_QUEUES) * Int32Array.BYTES_PER_ELEMENT);
}

/** A thread's part in it. */
export class QueueWords {
  readonly #words: Int32Array;
  /** The number of this thread's queue. */
  readonly queue: number;

  constructor(memory: SharedArrayBuffer, queue: number) {
    this.#words = new Int32Array(memory);
    this.queue = queue;
    for (;;) {
      const queues = Atomics.load(this.#words, QUEUES);
      if (queues > queue || Atomics.compareExchange(this.#words, QUEUES, queues, queue + 1) === queues) return;
    }
  }

  get waiting(): number {
    return Atomics.load(this.#words, WAITING);
  }

  /** Draws a ticket. @param most that may wait; 0 is no limit @returns 0 when so many wait */
  enter(most: number): number {
    for (;;) {
      const waiting = Atomics.load(this.#words, WAITING);
      if (most > 0 && waiting >= most) return NO_TICKET;
      if (Atomics.compareExchange(this.#words, WAITING, waiting, waiting + 1) === waiting) break;
    }
    for (;;) {
      const ticket = (Atomics.add(this.#words, LAST_TICKET, 1) + 1) | 0;
      if (ticket !== NO_TICKET) return ticket;
    }
  }

  /** With the ticket that it had. */
  reenter(): void {
    Atomics.add(this.#words, WAITING, 1);
  }

  leave(): void {
    Atomics.sub(this.#words, WAITING, 1);
  }

  /** Tells all threads the ticket of the client that is first in this thread's queue. @param ticket 0 where none waits */
  setFirst(ticket: number): void {
    Atomics.store(this.#words, FIRST + this.queue, ticket);
  }

  /** @returns the number of the queue whose turn it is, -1 where no client waits */
  queueInTurn(): number {
    const queues = Atomics.load(this.#words, QUEUES);
    let first = NO_TICKET;
    let inTurn = -1;
    for (let queue = 0; queue < queues; queue++) {
      const ticket = Atomics.load(this.#words, FIRST + queue);
      // Tickets wrap, and so does their difference.
      if (ticket === NO_TICKET || (inTurn >= 0 && ((ticket - first) | 0) >= 0)) continue;
      first = ticket;
      inTurn = queue;
    }
    return inTurn;
  }
}

/** The thread of a queue has died, and so many clients that waited there have gone with it. */
export function reclaimQueue(memory: SharedArrayBuffer, queue: number, waited: number): void {
  const words = new Int32Array(memory);
  Atomics.store(words, FIRST + queue, NO_TICKET);
  Atomics.sub(words, WAITING, waited);
}
