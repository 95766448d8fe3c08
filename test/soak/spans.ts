/** A stretch of time, by Date.now. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Stretches of time that begin and end one after the other, by Date.now; the last one may still go on. */
export class Spans {
  readonly #begins: number[] = [];
  readonly #ends: number[] = [];

  get count(): number {
    return this.#begins.length;
  }

  /** Those so far; one that goes on has no end. */
  get all(): readonly Span[] {
    return this.#begins.map((from, index) => ({ from, to: this.#ends[index] ?? Infinity }));
  }

  /** @param at may lie in the past, but not before the end of the last one */
  begin(at = Date.now()): void {
    if (!this.#goesOn) this.#begins.push(at);
  }

  end(at = Date.now()): void {
    if (this.#goesOn) this.#ends.push(at);
  }

  /** Whether one of them has a moment in common with this one. */
  touch(from: number, to: number): boolean {
    return this.all.some((span) => span.from <= to && span.to >= from);
  }

  /** How much of this time lies in them, in milliseconds. */
  within(from: number, to: number): number {
    return this.all.reduce((sum, span) => sum + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);
  }

  get #goesOn(): boolean {
    return this.#begins.length > this.#ends.length;
  }
}
