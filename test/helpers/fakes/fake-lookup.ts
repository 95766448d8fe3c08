import type { FoundName } from '../../../src/io/names/answer.ts';
import type { Find } from '../../../src/io/names/finder.ts';

interface Question {
  readonly host: string;
  readonly resolve: (found: FoundName) => void;
  readonly reject: (error: Error) => void;
}

/** A resolver whose answers the test gives, one by one. */
export class FakeLookup {
  /** Every question, in the order they came. */
  readonly asked: string[] = [];
  #open: Question[] = [];
  mostOpen = 0;

  readonly find: Find = (host) =>
    new Promise((resolve, reject) => {
      this.asked.push(host);
      this.#open.push({ host, resolve, reject });
      this.mostOpen = Math.max(this.mostOpen, this.#open.length);
    });

  /** Questions without an answer. */
  get open(): readonly string[] {
    return this.#open.map(({ host }) => host);
  }

  /** @param rest for a name with a time to live of its own, or one that is partly unknown */
  answer(host: string, addresses: readonly string[], rest: Partial<FoundName> = {}): void {
    this.#take(host).resolve({ addresses, ttlMs: 10_000, ...rest });
  }

  fail(host: string, message: string, error = new Error(message)): void {
    this.#take(host).reject(error);
  }

  #take(host: string): Question {
    const question = this.#open.find((one) => one.host === host);
    if (question === undefined) throw new Error(`nobody has asked for ${host}`);
    this.#open = this.#open.filter((one) => one !== question);
    return question;
  }
}
