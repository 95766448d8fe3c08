/** One kind of a family. */
export interface Kind<Name extends string = string> {
  /** What a config file writes: `kind = "…"`. */
  readonly kind: Name;
}

/** The kinds of one family: a module with a line `export { … } from` for each, in the order of the names it exports. */
export type Family<Member extends Kind = Kind> = Readonly<Record<string, Member>>;

/** The kinds of one family by the name that stands in the config file (`weight`, `static`, …). */
export type Registry<Kinds extends Family> = { readonly [Each in Kinds[keyof Kinds] as Each['kind']]: Each };

/** The kinds of a family by their names. The names become the type of `kind`. */
export function registry<Kinds extends Family>(kinds: Kinds): Registry<Kinds> {
  const entries = Object.fromEntries(Object.values(kinds).map((each) => [each.kind, each]));
  return Object.freeze(entries) as Registry<Kinds>;
}

/** The name of a kind in a registry. */
export type KindOf<Entries> = keyof Entries & string;

/** The names of all kinds, in the registry's order. */
export function kindsOf<Entries extends Readonly<Record<string, Kind>>>(entries: Entries): readonly KindOf<Entries>[] {
  return Object.keys(entries);
}

/** What a family makes of a configuration with the help of its tools. */
interface Maker<Config, Tools, Made> {
  create(config: Config, tools: Tools): Made;
}

/** Has the kind that a configuration names make what it asks for. */
export function createKind<Config extends Kind, Tools, Made>(
  kinds: Readonly<Record<Config['kind'], Maker<never, Tools, Made>>>,
  config: Config,
  tools: Tools,
): Made {
  // The compiler cannot see that a configuration belongs to the kind it names.
  const kind = kinds[config.kind as Config['kind']] as Maker<Config, Tools, Made>;
  return kind.create(config, tools);
}
