import type { NameMatching, Wanted } from '../../core/server-names.ts';
import { compileLinear } from '../../regexp/linear-pattern.ts';
import type { LinearPattern } from '../../regexp/linear-program.ts';

/** So many names are remembered with what their patterns have found, then it begins anew. */
const MOST_REMEMBERED = 10_000;

/** Those that want the clients of one name, be it one that stands there or one of a pattern. */
export interface Group<Item> {
  readonly items: readonly Item[];
  /** Counts the items of the groups before it. */
  readonly offset: number;
}

interface Growing<Item> extends Group<Item> {
  readonly items: Item[];
  offset: number;
}

/**
 * Who wants which names, made once for each snapshot. To find one is a look into a map, with wildcards one for each label
 * of the name; only regular expressions are tried one after the other, in linear time, and what they find is remembered.
 */
export class NameTable<Item extends Wanted> {
  readonly #matching: NameMatching;
  /** By name, by `*.` and ending, or by `*`. */
  readonly #groups = new Map<string, Growing<Item>>();
  readonly #patterns: { readonly pattern: LinearPattern; readonly group: Growing<Item> }[] = [];
  readonly #remembered = new Map<string, Group<Item> | undefined>();
  /** Of names for which several patterns are found, by which these are. */
  readonly #joined = new Map<string, Group<Item>>();

  constructor(items: readonly Item[], matching: NameMatching) {
    this.#matching = matching;
    for (const item of items) {
      for (const text of item.sni ?? ['']) {
        if (matching === 'regexp' || text === '') this.#add(text, item);
        else for (const name of text.split(',')) this.#add(normal(name), item);
      }
    }
    let offset = 0;
    for (const [text, group] of this.#groups) {
      group.offset = offset;
      offset += group.items.length;
      if (matching !== 'regexp' || text === '') continue;
      const compiled = compileLinear(text);
      if ('value' in compiled) this.#patterns.push({ pattern: compiled.value, group });
    }
  }

  /** @param name in lower case; '' of a client that has none @returns undefined when nobody wants it */
  find(name: string): Group<Item> | undefined {
    if (this.#matching === 'exact') return this.#groups.get(name);
    if (this.#matching === 'wildcard') return this.#groups.get(name) ?? this.#ofEnding(name);
    if (this.#remembered.has(name)) return this.#remembered.get(name);
    const found = this.#byPatterns(name);
    if (this.#remembered.size >= MOST_REMEMBERED) {
      this.#remembered.clear();
      this.#joined.clear();
    }
    this.#remembered.set(name, found);
    return found;
  }

  #add(text: string, item: Item): void {
    const group = this.#groups.get(text);
    if (group === undefined) this.#groups.set(text, { items: [item], offset: 0 });
    else if (group.items.at(-1) !== item) group.items.push(item);
  }

  /** The longest ending that is wanted. */
  #ofEnding(name: string): Group<Item> | undefined {
    if (name === '') return undefined;
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const group = dot === 0 ? undefined : this.#groups.get(`*${name.slice(dot)}`);
      if (group !== undefined) return group;
    }
    return this.#groups.get('*');
  }

  /** All whose pattern is found; those without a name want clients without one. */
  #byPatterns(name: string): Group<Item> | undefined {
    const groups = this.#patterns.flatMap(({ pattern, group }) => (pattern.isFoundIn(name) ? [group] : []));
    const nameless = name === '' ? this.#groups.get('') : undefined;
    if (nameless !== undefined) groups.unshift(nameless);
    const [first, second] = groups;
    if (first === undefined || second === undefined) return first;
    const which = groups.map(({ offset }) => offset).join();
    let joined = this.#joined.get(which);
    if (joined === undefined) {
      joined = { items: [...new Set(groups.flatMap(({ items }) => items))], offset: first.offset };
      this.#joined.set(which, joined);
    }
    return joined;
  }
}

/** As hostNameOf (wire/client-hello) makes it of what clients send. */
function normal(name: string): string {
  const text = name.trim().toLowerCase();
  return text.endsWith('.') ? text.slice(0, -1) : text;
}
