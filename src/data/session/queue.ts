import type { Engine } from '../../core/engine.ts';
import type { QueueWords } from '../../ledger/queue-words.ts';
import type { QueueDirectory } from '../protocol/queue-directory.ts';

/** How often those are looked for that have waited too long. */
const TICK_MS = 50;

/** Who waits for a backend. */
export interface Waiter {
  /** It is its turn. @returns whether it waits no more: false when there is still no place for it */
  serve(): boolean;
  /** It has waited long enough. */
  expire(): void;
}

/** A waiter's place. */
export interface Ticket {
  readonly waiter: Waiter;
  readonly number: number;
  /** When it joined first, in milliseconds of the engine's clock. */
  readonly since: number;
  /** When it joined last. */
  joinedAt: number;
  before: Ticket | undefined;
  after: Ticket | undefined;
}

/**
 * Those of one server's clients that wait on this thread. Whose turn it is, of all threads, the shared words tell: who
 * gives a place back has the one in turn served, here or by a call to its thread. No place is left free while somebody
 * waits who could have it: whoever is in turn looks once more after it has joined, and whoever gives a place back looks
 * for the queue after that.
 */
export class Queue {
  /** How long one may wait, by the configuration in force. */
  timeoutMs = 0;
  readonly #words: QueueWords;
  readonly #directory: QueueDirectory;
  readonly #engine: Pick<Engine, 'now' | 'every' | 'calls'>;
  #first: Ticket | undefined;
  #last: Ticket | undefined;
  #tick: { cancel(): void } | undefined;

  constructor(words: QueueWords, directory: QueueDirectory, engine: Pick<Engine, 'now' | 'every' | 'calls'>) {
    this.#words = words;
    this.#directory = directory;
    this.#engine = engine;
    words.setFirst(0);
  }

  /** Whether somebody waits, on any thread: then whoever comes goes behind. */
  get isEmpty(): boolean {
    return this.#words.waiting === 0;
  }

  /** @param most that may wait on all threads; 0 is no limit @returns undefined when so many do */
  join(waiter: Waiter, most: number): Ticket | undefined {
    const number = this.#words.enter(most);
    if (number === 0) return undefined;
    const now = this.#engine.now();
    const ticket: Ticket = { waiter, number, since: now, joinedAt: now, before: undefined, after: undefined };
    this.#insert(ticket);
    return ticket;
  }

  /** Whoever was served and got nothing comes back to its place. */
  rejoin(ticket: Ticket): void {
    this.#words.reenter();
    ticket.joinedAt = this.#engine.now();
    this.#insert(ticket);
  }

  /** To be called once the waiter is ready to be served: a place may have become free just before it joined. */
  lookAgain(ticket: Ticket): void {
    if (this.#first === ticket && this.#words.queueInTurn() === this.#words.queue) this.serve();
  }

  /** Once for each time that it joined, also when its waiter was served or has expired. */
  leave(ticket: Ticket): void {
    const { before, after } = ticket;
    if (after === undefined) this.#last = before;
    else after.before = before;
    if (before === undefined) this.#setFirst(after);
    else before.after = after;
    this.#words.leave();
    if (this.#first !== undefined) return;
    this.#tick?.cancel();
    this.#tick = undefined;
  }

  /** A place may be free: whose turn it is gets it. */
  serve(): void {
    while (this.#words.waiting > 0) {
      const queue = this.#words.queueInTurn();
      // Whoever has drawn a number and not yet joined looks again for itself.
      if (queue < 0) return;
      if (queue !== this.#words.queue) return this.#call(queue);
      if (this.#expire()) continue;
      if (this.#first?.waiter.serve() !== true) return;
    }
  }

  /** A thread of another engine, on which the server drains, looks for itself in a while. */
  #call(queue: number): void {
    const worker = this.#directory.workerOf(queue);
    if (worker !== undefined) this.#engine.calls.call(worker);
  }

  /** By the numbers, which wrap, and so does their difference. */
  #insert(ticket: Ticket): void {
    let before = this.#last;
    let after: Ticket | undefined;
    while (before !== undefined && ((ticket.number - before.number) | 0) < 0) {
      after = before;
      before = before.before;
    }
    ticket.before = before;
    ticket.after = after;
    if (after === undefined) this.#last = ticket;
    else after.before = ticket;
    if (before === undefined) this.#setFirst(ticket);
    else before.after = ticket;
    this.#tick ??= this.#engine.every(TICK_MS, () => this.#lookAround());
  }

  #setFirst(ticket: Ticket | undefined): void {
    this.#first = ticket;
    this.#words.setFirst(ticket?.number ?? 0);
  }

  #lookAround(): void {
    this.#expire();
    this.serve();
  }

  /** The first has waited longest. @returns whether somebody has waited long enough; another queue may be in turn now */
  #expire(): boolean {
    const now = this.#engine.now();
    let hasExpired = false;
    for (let first = this.#first; first !== undefined && now - first.since >= this.timeoutMs; first = this.#first) {
      first.waiter.expire();
      hasExpired = true;
    }
    return hasExpired;
  }
}
