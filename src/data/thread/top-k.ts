/** Keeps those of the highest rank of many that are offered: a heap whose first is the lowest of them. */
export class TopK<Item> {
  readonly #most: number;
  readonly #rankOf: (item: Item) => number;
  readonly #heap: Item[] = [];

  /** @param most that are kept */
  constructor(most: number, rankOf: (item: Item) => number) {
    this.#most = most;
    this.#rankOf = rankOf;
  }

  offer(item: Item): void {
    if (this.#heap.length < this.#most) {
      this.#heap.push(item);
      this.#rise(this.#heap.length - 1);
      return;
    }
    const [lowest] = this.#heap;
    if (lowest === undefined || this.#rankOf(item) <= this.#rankOf(lowest)) return;
    this.#heap[0] = item;
    this.#sink();
  }

  /** Highest first. */
  items(): readonly Item[] {
    return this.#heap.toSorted((one, other) => this.#rankOf(other) - this.#rankOf(one));
  }

  #rise(from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.#isLower(place, above)) return;
      this.#swap(place, above);
      place = above;
    }
  }

  #sink(): void {
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      if (left >= this.#heap.length) return;
      const lower = right < this.#heap.length && this.#isLower(right, left) ? right : left;
      if (!this.#isLower(lower, place)) return;
      this.#swap(place, lower);
      place = lower;
    }
  }

  #isLower(one: number, other: number): boolean {
    return this.#rankOf(this.#heap[one] as Item) < this.#rankOf(this.#heap[other] as Item);
  }

  #swap(one: number, other: number): void {
    const item = this.#heap[one] as Item;
    this.#heap[one] = this.#heap[other] as Item;
    this.#heap[other] = item;
  }
}
