import { emit, type Node, PatternError } from './linear-compiler.ts';
import { type Instruction, LinearPattern } from './linear-program.ts';
import { CLASSES, ESCAPES, newSet, type CharacterSet } from './character-sets.ts';

/** What came of reading an expression: its matcher, or why it is none. */
export type Compiled = { readonly value: LinearPattern } | { readonly problem: string };

/** As RE2 has it. */
const MOST_TIMES = 1_000;
const DEEPEST = 50;

/**
 * Reads a regular expression in the syntax of RE2, which gobetween has: no backreference, no lookaround. Upper and lower
 * case are the same. It is found in linear time, so it can be asked about what clients send.
 */
export function compileLinear(text: string): Compiled {
  try {
    const program: Instruction[] = [];
    emit(new Reader(text).pattern(), program);
    program.push({ type: 'match' });
    return { value: new LinearPattern(program) };
  } catch (thrown) {
    if (!(thrown instanceof PatternError)) throw thrown;
    return { problem: thrown.message };
  }
}

/** Recursive descent over the text of an expression. */
class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    // All that the flags change: case counts nowhere, and a name has one line.
    this.#text = text.replace(/^\(\?[imsU]+\)/, '');
  }

  pattern(): Node {
    const node = this.#choice();
    if (this.#at < this.#text.length) throw new PatternError('unexpected )');
    return node;
  }

  #choice(): Node {
    if ((this.#depth += 1) > DEEPEST) throw new PatternError('groups are nested too deeply');
    const nodes = [this.#sequence()];
    while (this.#take('|')) nodes.push(this.#sequence());
    this.#depth -= 1;
    return nodes.length === 1 ? (nodes[0] as Node) : { type: 'choice', nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    while (this.#at < this.#text.length && !'|)'.includes(this.#peek())) nodes.push(this.#repeated(this.#atom()));
    return { type: 'sequence', nodes };
  }

  #repeated(node: Node): Node {
    const [whole = '', sign, least = '', comma, most = ''] =
      /^(?:([*+?])|\{(\d{1,4})(,)?(\d{1,4})?\})\??/.exec(this.#text.slice(this.#at)) ?? [];
    if (whole === '') return node;
    this.#at += whole.length;
    if (/^[*+?{]/.test(this.#text.slice(this.#at))) throw new PatternError('nothing to repeat');
    if (sign !== undefined)
      return { type: 'repeat', node, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
    const [from, to] = [Number(least), comma === undefined ? Number(least) : most === '' ? Infinity : Number(most)];
    if (from > to || from > MOST_TIMES || (to !== Infinity && to > MOST_TIMES))
      throw new PatternError(`bad repetition ${whole}`);
    return { type: 'repeat', node, least: from, most: to };
  }

  #atom(): Node {
    const character = this.#next();
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return { type: 'set', set: this.#class() };
      case '.':
        return { type: 'set', set: newSet([[0, 127]], true) };
      case '^':
        return { type: 'at', where: 'begin' };
      case '$':
        return { type: 'at', where: 'end' };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw new PatternError('nothing to repeat');
      default:
        return { type: 'set', set: ofCharacter(character) };
    }
  }

  #group(): Node {
    const [flags] = /^\?(?::|P?<\w+>|[imsU]+:)/.exec(this.#text.slice(this.#at)) ?? [];
    if (flags !== undefined) this.#at += flags.length;
    else if (this.#peek() === '?') throw new PatternError('this kind of group is not supported');
    const node = this.#choice();
    if (!this.#take(')')) throw new PatternError('missing )');
    return node;
  }

  #escape(): Node {
    const character = this.#next();
    if (character === 'A' || character === 'z') return { type: 'at', where: character === 'A' ? 'begin' : 'end' };
    if (character === 'b' || character === 'B') return { type: 'at', where: character === 'b' ? 'word' : 'not-word' };
    return { type: 'set', set: this.#escaped(character) };
  }

  #escaped(character: string): CharacterSet {
    const known = ESCAPES[character];
    if (known !== undefined) return known;
    if (character === 'x') {
      const [digits] = /^[0-9a-fA-F]{2}/.exec(this.#text.slice(this.#at)) ?? [];
      if (digits === undefined) throw new PatternError('bad \\x');
      this.#at += 2;
      return ofCharacter(String.fromCharCode(Number.parseInt(digits, 16)));
    }
    if (/[A-Za-z0-9]/.test(character)) throw new PatternError(`\\${character} is not supported`);
    return ofCharacter(character);
  }

  #class(): CharacterSet {
    const isNegated = this.#take('^');
    const set = newSet([], false);
    for (let isFirst = true; isFirst || this.#peek() !== ']'; isFirst = false) {
      const [whole, name = ''] = /^\[:(\w+):\]/.exec(this.#text.slice(this.#at)) ?? [];
      if (whole !== undefined) {
        const known = CLASSES[name];
        if (known === undefined) throw new PatternError(`unknown class ${whole}`);
        this.#at += whole.length;
        addAll(set, known);
        continue;
      }
      const from = this.#next();
      const one = from === '\\' ? this.#escaped(this.#next()) : ofCharacter(from);
      if (this.#peek() !== '-' || '] '.includes(this.#text.charAt(this.#at + 1)) || ESCAPES[from] !== undefined) {
        addAll(set, one);
        continue;
      }
      this.#at += 1;
      const last = this.#next();
      const to = last === '\\' ? this.#escaped(this.#next()) : ofCharacter(last);
      addRange(set, one, to);
    }
    this.#at += 1;
    if (!isNegated) return set;
    return { codes: set.codes.map((is) => 1 - is), other: !set.other };
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #next(): string {
    if (this.#at >= this.#text.length) throw new PatternError('it ends too early');
    this.#at += 1;
    return this.#text.charAt(this.#at - 1);
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }
}

/** In both cases. */
function ofCharacter(character: string): CharacterSet {
  const codes = [character.toLowerCase(), character.toUpperCase()].map((each) => each.charCodeAt(0));
  return newSet(
    codes.filter((code) => code < 128).map((code) => [code, code]),
    false,
  );
}

function addAll(to: CharacterSet, set: CharacterSet): void {
  for (const [code, is] of set.codes.entries()) if (is === 1) to.codes[code] = 1;
  to.other ||= set.other;
}

function addRange(to: CharacterSet, from: CharacterSet, until: CharacterSet): void {
  const [first, last] = [from.codes.lastIndexOf(1), until.codes.lastIndexOf(1)];
  if (first < 0 || last < first) throw new PatternError('bad range of characters');
  for (let code = first; code <= last; code++) addAll(to, ofCharacter(String.fromCharCode(code)));
}
