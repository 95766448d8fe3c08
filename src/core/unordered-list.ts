/** An object that can be in one UnorderedList at a time. */
export interface ListItem {
  /** Its index in the list, kept by the list; -1 while it is in none. */
  listIndex: number;
}

/**
 * A list in no order, from which any item is taken out as cheaply as it was added. Not a Set: one whose items come and go makes
 * a new table every so often, and each old table holds on to the next. Once one of them is old, the collector of young
 * garbage keeps all that follow, and with them every item that was ever in one.
 */
export class UnorderedList<Item extends ListItem> {
  readonly #items: Item[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** A copy. */
  get items(): readonly Item[] {
    return this.#items.slice();
  }

  /** Unless it is in it already. */
  add(item: Item): void {
    if (item.listIndex < 0) item.listIndex = this.#items.push(item) - 1;
  }

  /** If it is in it. */
  delete(item: ListItem): void {
    if (item.listIndex < 0) return;
    const last = this.#items.pop() as Item;
    if (last !== item) {
      this.#items[item.listIndex] = last;
      last.listIndex = item.listIndex;
    }
    item.listIndex = -1;
  }

  /** Takes all out. */
  clear(): readonly Item[] {
    const items = this.#items.splice(0);
    for (const item of items) item.listIndex = -1;
    return items;
  }
}
