/** The kinds of one family by the name that stands in the config file (`weight`, `static`, …). */
export type Registry<Entry> = Readonly<Record<string, Entry>>;

/** Declares the kinds of a family; the keys become the type of `kind` and the list in messages. */
export function registry<const Entries extends Registry<unknown>>(entries: Entries): Readonly<Entries> {
  return Object.freeze(entries);
}

/** The name of a kind in a registry. */
export type KindOf<Entries> = keyof Entries & string;

/** The names of all kinds, in the registry's order. */
export function kindsOf<Entries extends Registry<unknown>>(entries: Entries): readonly KindOf<Entries>[] {
  return Object.keys(entries);
}
