import type { Clock, Timer } from '../../core/clock.ts';
import type { ConnectionList, ConnectionQuery } from '../../core/connection-list.ts';
import { asError, TslbError } from '../../core/errors.ts';

/** The pause after a list, in multiples of the time that it took. */
const REST = 9;
const SHORTEST_REST_MS = 50;
const LONGEST_REST_MS = 1_000;
/** Lists that are not begun. */
const MOST_WAITING = 8;

/** A list that is asked for, perhaps by many. */
class Question {
  readonly query: ConnectionQuery;
  readonly answer: Promise<ConnectionList>;
  resolve: (list: ConnectionList) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;

  constructor(query: ConnectionQuery) {
    this.query = query;
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/**
 * Asks the threads for lists of their connections. For each they look at all that they hold, and carry no traffic
 * meanwhile: so one list is made at a time, requests for the same list share it, and the threads have the rest of
 * their time for their clients, however many ask.
 */
export class ConnectionListCoalescer {
  readonly #clock: Clock;
  readonly #ask: (query: ConnectionQuery) => Promise<ConnectionList>;
  /** By what they ask for, the first on top. */
  readonly #waiting = new Map<string, Question>();
  #isBusy = false;
  #rest: Timer | undefined;
  #isStopped = false;

  /** @param ask asks all threads */
  constructor(clock: Clock, ask: (query: ConnectionQuery) => Promise<ConnectionList>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /**
   * Nothing in it is from before it was asked for.
   * @throws TslbError TSLB_BUSY when too many others wait, and what asking throws
   */
  async list(query: ConnectionQuery): Promise<ConnectionList> {
    const key = JSON.stringify(query);
    const alike = this.#waiting.get(key);
    if (alike !== undefined) return alike.answer;
    if (this.#waiting.size >= MOST_WAITING) {
      throw new TslbError('TSLB_BUSY', 'too many different lists of connections are requested at once; try again');
    }
    const question = new Question(query);
    this.#waiting.set(key, question);
    if (!this.#isBusy) this.#next();
    return question.answer;
  }

  /** The threads are about to end, so there is no traffic left to be held up. */
  stop(): void {
    this.#isStopped = true;
    if (this.#rest === undefined) return;
    this.#rest.cancel();
    this.#next();
  }

  #next(): void {
    this.#rest = undefined;
    const [[key, question] = []] = this.#waiting;
    this.#isBusy = question !== undefined;
    if (key === undefined || question === undefined) return;
    this.#waiting.delete(key);
    void this.#put(question);
  }

  async #put(question: Question): Promise<void> {
    const since = this.#clock.now();
    try {
      question.resolve(await this.#ask(question.query));
    } catch (thrown) {
      // A thread that is silent would let each of the others wait as long.
      for (const each of [question, ...this.#waiting.values()]) each.reject(asError(thrown));
      this.#waiting.clear();
    }
    if (this.#isStopped) this.#next();
    else this.#restFor(REST * (this.#clock.now() - since));
  }

  #restFor(ms: number): void {
    const restMs = Math.min(LONGEST_REST_MS, Math.max(SHORTEST_REST_MS, ms));
    this.#rest = this.#clock.after(restMs, () => this.#next());
  }
}
