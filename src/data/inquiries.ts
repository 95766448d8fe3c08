/** Questions to one thread that it may not live to answer. */
export class Inquiries<Answer> {
  readonly #open = new Map<number, (answer: Answer | undefined) => void>();
  #asked = 0;
  #isClosed = false;

  /** @param send puts the question @returns undefined when the thread has ended without an answer */
  ask(send: (request: number) => void): Promise<Answer | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    this.#asked += 1;
    const request = this.#asked;
    return new Promise((resolve) => {
      this.#open.set(request, resolve);
      send(request);
    });
  }

  answered(request: number, answer: Answer): void {
    this.#open.get(request)?.(answer);
    this.#open.delete(request);
  }

  /** Nobody will answer any more. */
  close(): void {
    this.#isClosed = true;
    for (const resolve of this.#open.values()) resolve(undefined);
    this.#open.clear();
  }
}
