import type { Engine } from '../../core/engine.ts';
import type { QueueWords } from '../../ledger/queue-words.ts';
import type { QueueDirectory } from '../protocol/queue-directory.ts';

/** How often the queue is searched for clients that have waited too long. */
const TICK_MS = 50;

/** Of clients that wait for different backends, so many are looked at when a place may be free. */
const MOST_LOOKED_AT = 64;
/** And so many at each tick, one part of the queue after the other. */
const MOST_AT_A_TICK = 512;

/** A client that waits for a backend. */
export interface QueuedClient {
  /** It is its turn. @returns whether it has left the queue: false when there is still no place for it */
  serve(): boolean;
  /** It has waited long enough. */
  expire(): void;
}

/** A client's place in the queue. */
export interface QueueEntry {
  readonly client: QueuedClient;
  readonly number: number;
  /** When it joined first, in milliseconds of the engine's clock. */
  readonly since: number;
  /** When it joined last. */
  joinedAt: number;
  before: QueueEntry | undefined;
  after: QueueEntry | undefined;
}

/**
 * The clients of one server that wait on this thread. Words of shared memory tell whose turn it is among all threads: a
 * connection that gives a place back has the client in turn served, here or by a call to its thread. No place is left
 * free while a client waits that could have it: a client that joins and is in turn looks once more after it has joined,
 * and a connection that gives a place back looks at the queue after it has done so.
 */
export class ThreadQueue {
  /** How long a client may wait, by the configuration in force. */
  timeoutMs = 0;
  /** Whether clients wait for different backends, by their names: then the first does not hold up the others. */
  isByName = false;
  readonly #words: QueueWords;
  readonly #directory: QueueDirectory;
  readonly #engine: Pick<Engine, 'now' | 'every' | 'calls'>;
  #first: QueueEntry | undefined;
  #last: QueueEntry | undefined;
  /** Where the next tick goes on; undefined is at the first. */
  #next: QueueEntry | undefined;
  #tick: { cancel(): void } | undefined;

  constructor(words: QueueWords, directory: QueueDirectory, engine: Pick<Engine, 'now' | 'every' | 'calls'>) {
    this.#words = words;
    this.#directory = directory;
    this.#engine = engine;
    words.setFirst(0);
  }

  /** Whether no client waits, on any thread. Else a client that comes goes behind the others. */
  get isEmpty(): boolean {
    return this.#words.waiting === 0;
  }

  /** @param most that may wait on all threads; 0 is no limit @returns undefined when so many do */
  join(client: QueuedClient, most: number): QueueEntry | undefined {
    const number = this.#words.enter(most);
    if (number === 0) return undefined;
    const now = this.#engine.now();
    const entry: QueueEntry = { client, number, since: now, joinedAt: now, before: undefined, after: undefined };
    this.#insert(entry);
    return entry;
  }

  /** A client that was served and got nothing comes back to its place. */
  rejoin(entry: QueueEntry): void {
    this.#words.reenter();
    entry.joinedAt = this.#engine.now();
    this.#insert(entry);
  }

  /** To be called once the client is ready to be served: a place may have become free just before it joined. */
  lookAgain(entry: QueueEntry): void {
    if (this.#first === entry && this.#words.queueInTurn() === this.#words.queue) this.serve();
  }

  /** Once for each time that the client joined, also when it was served or has expired. */
  leave(entry: QueueEntry): void {
    const { before, after } = entry;
    if (this.#next === entry) this.#next = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    if (before === undefined) this.#setFirst(after);
    else before.after = after;
    this.#words.leave();
    if (this.#first !== undefined) return;
    this.#tick?.cancel();
    this.#tick = undefined;
  }

  /** A place may be free: the client in turn gets it. */
  serve(): void {
    if (this.isByName) return this.#serveAny();
    while (this.#words.waiting > 0) {
      const queue = this.#words.queueInTurn();
      // A client that has drawn a number and not yet joined looks again for itself.
      if (queue < 0) return;
      if (queue !== this.#words.queue) return this.#call(queue);
      if (this.#expire()) continue;
      if (this.#first?.client.serve() !== true) return;
    }
  }

  /** Each of the first ones gets what is free for it, in their order on this thread. */
  #serveAny(): void {
    this.#expire();
    this.#serveFrom(this.#first, MOST_LOOKED_AT);
    const queue = this.#words.queueInTurn();
    if (queue >= 0 && queue !== this.#words.queue) this.#call(queue);
  }

  /** @returns the one behind those that were looked at */
  #serveFrom(first: QueueEntry | undefined, most: number): QueueEntry | undefined {
    let entry = first;
    for (let looked = 0; entry !== undefined && looked < most; looked++) {
      const { after } = entry;
      entry.client.serve();
      entry = after;
    }
    return entry;
  }

  /** A thread of another engine, on which the server drains, looks for itself in a while. */
  #call(queue: number): void {
    const worker = this.#directory.workerOf(queue);
    if (worker !== undefined) this.#engine.calls.call(worker);
  }

  /** By the numbers, which wrap, and so does their difference. */
  #insert(entry: QueueEntry): void {
    let before = this.#last;
    let after: QueueEntry | undefined;
    while (before !== undefined && ((entry.number - before.number) | 0) < 0) {
      after = before;
      before = before.before;
    }
    entry.before = before;
    entry.after = after;
    if (after === undefined) this.#last = entry;
    else after.before = entry;
    if (before === undefined) this.#setFirst(entry);
    else before.after = entry;
    this.#tick ??= this.#engine.every(TICK_MS, () => this.#lookAround());
  }

  #setFirst(entry: QueueEntry | undefined): void {
    this.#first = entry;
    this.#words.setFirst(entry?.number ?? 0);
  }

  #lookAround(): void {
    this.#expire();
    this.serve();
    if (this.isByName) this.#next = this.#serveFrom(this.#next ?? this.#first, MOST_AT_A_TICK);
  }

  /** The first has waited longest. @returns whether any has waited long enough; another queue may be in turn now */
  #expire(): boolean {
    const now = this.#engine.now();
    let hasExpired = false;
    for (let first = this.#first; first !== undefined && now - first.since >= this.timeoutMs; first = this.#first) {
      first.client.expire();
      hasExpired = true;
    }
    return hasExpired;
  }
}
