/**
 * A regular expression of RE2's kind as a program: instructions that are followed all at once for each character, so that a
 * match takes time in proportion to the text, whatever the expression and the text (Thompson's construction; R. Cox,
 * "Regular Expression Matching: the Virtual Machine Approach").
 */
export type Instruction =
  /** A character of this set, by its code; beyond 127 as `other` says. */
  | { readonly type: 'set'; readonly set: Uint8Array; readonly other: boolean }
  /** Both go on. */
  | { type: 'split'; one: number; other: number }
  | { type: 'jump'; to: number }
  | { readonly type: 'at'; readonly where: Position }
  | { readonly type: 'match' };

export type Position = 'begin' | 'end' | 'word' | 'not-word';

/** Whether the program's expression is found anywhere in a text. */
export class LinearPattern {
  readonly #program: readonly Instruction[];
  /** In which step an instruction was last added, so that none is added twice. */
  readonly #added: Uint32Array;
  #step = 0;

  constructor(program: readonly Instruction[]) {
    this.#program = program;
    this.#added = new Uint32Array(program.length);
  }

  isFoundIn(text: string): boolean {
    let threads: number[] = [];
    for (let at = 0; at <= text.length; at++) {
      this.#nextStep(threads);
      if (this.#follow(threads, 0, text, at)) return true;
      if (at === text.length) return false;
      const code = text.charCodeAt(at);
      const next: number[] = [];
      this.#nextStep(next);
      for (const index of threads) {
        const instruction = this.#program[index];
        if (instruction?.type !== 'set') continue;
        const isIn = code < 128 ? instruction.set[code] === 1 : instruction.other;
        if (isIn && this.#follow(next, index + 1, text, at + 1)) return true;
      }
      threads = next;
    }
    return false;
  }

  /** Threads that are there already count as added. */
  #nextStep(threads: readonly number[]): void {
    this.#step += 1;
    for (const index of threads) this.#added[index] = this.#step;
  }

  /** Adds what is reached from an instruction without a character. @returns whether that is the end */
  #follow(threads: number[], first: number, text: string, at: number): boolean {
    const todo = [first];
    for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
      if (this.#added[index] === this.#step) continue;
      this.#added[index] = this.#step;
      const instruction = this.#program[index] as Instruction;
      if (instruction.type === 'match') return true;
      if (instruction.type === 'set') threads.push(index);
      else if (instruction.type === 'jump') todo.push(instruction.to);
      else if (instruction.type === 'split') todo.push(instruction.other, instruction.one);
      else if (isAt(instruction.where, text, at)) todo.push(index + 1);
    }
    return false;
  }
}

function isAt(where: Position, text: string, at: number): boolean {
  if (where === 'begin') return at === 0;
  if (where === 'end') return at === text.length;
  const isEdge = isWord(text.charAt(at - 1)) !== isWord(text.charAt(at));
  return where === 'word' ? isEdge : !isEdge;
}

function isWord(character: string): boolean {
  return /^\w$/.test(character);
}
