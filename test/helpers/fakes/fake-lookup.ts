import type { Lookup } from '../../../src/io/names.ts';

interface Question {
  readonly host: string;
  readonly resolve: (addresses: readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

/** A resolver whose answers the test gives, one by one. */
export class FakeLookup {
  /** Every question, in the order they came. */
  readonly asked: string[] = [];
  #open: Question[] = [];
  mostOpen = 0;

  readonly find: Lookup = (host) =>
    new Promise((resolve, reject) => {
      this.asked.push(host);
      this.#open.push({ host, resolve, reject });
      this.mostOpen = Math.max(this.mostOpen, this.#open.length);
    });

  /** Questions without an answer. */
  get open(): readonly string[] {
    return this.#open.map(({ host }) => host);
  }

  answer(host: string, addresses: readonly string[]): void {
    this.#take(host).resolve(addresses);
  }

  fail(host: string, message: string): void {
    this.#take(host).reject(new Error(message));
  }

  #take(host: string): Question {
    const question = this.#open.find((one) => one.host === host);
    if (question === undefined) throw new Error(`nobody has asked for ${host}`);
    this.#open = this.#open.filter((one) => one !== question);
    return question;
  }
}
