/** Stretches of time that begin and end one after the other, by Date.now; the last one may still go on. */
export class Spans {
  readonly #begins: number[] = [];
  readonly #ends: number[] = [];

  get count(): number {
    return this.#begins.length;
  }

  begin(): void {
    if (!this.#goesOn) this.#begins.push(Date.now());
  }

  end(): void {
    if (this.#goesOn) this.#ends.push(Date.now());
  }

  /** Whether one of them has a moment in common with this one. */
  touch(from: number, to: number): boolean {
    return this.#begins.some((begin, index) => begin <= to && (this.#ends[index] ?? Infinity) >= from);
  }

  get #goesOn(): boolean {
    return this.#begins.length > this.#ends.length;
  }
}
