import type { CharacterSet } from './character-sets.ts';
import type { Instruction, Position } from './linear-program.ts';

/** A repetition counts for as many times what it repeats; so much in all. */
const MOST_INSTRUCTIONS = 5_000;

/** What is wrong with an expression. */
export class PatternError extends Error {}

/** An expression as it was read. */
export type Node =
  | { readonly type: 'set'; readonly set: CharacterSet }
  | { readonly type: 'at'; readonly where: Position }
  | { readonly type: 'sequence' | 'choice'; readonly nodes: readonly Node[] }
  | { readonly type: 'repeat'; readonly node: Node; readonly least: number; readonly most: number };

/** Adds the instructions of an expression to a program. @throws PatternError when they are too many */
export function emit(node: Node, program: Instruction[]): void {
  if (program.length > MOST_INSTRUCTIONS) throw new PatternError('it is too large');
  switch (node.type) {
    case 'set':
      program.push({ type: 'set', set: node.set.codes, other: node.set.other });
      return;
    case 'at':
      program.push(node);
      return;
    case 'sequence':
      for (const each of node.nodes) emit(each, program);
      return;
    case 'choice':
      return emitChoice(node.nodes, program);
    case 'repeat':
      return emitRepeat(node, program);
    default:
      return node satisfies never;
  }
}

function emitChoice(nodes: readonly Node[], program: Instruction[]): void {
  const jumps: { type: 'jump'; to: number }[] = [];
  for (const [index, node] of nodes.entries()) {
    const split = { type: 'split' as const, one: program.length + 1, other: 0 };
    const isLast = index === nodes.length - 1;
    if (!isLast) program.push(split);
    emit(node, program);
    if (isLast) break;
    const jump = { type: 'jump' as const, to: 0 };
    program.push(jump);
    jumps.push(jump);
    split.other = program.length;
  }
  for (const jump of jumps) jump.to = program.length;
}

function emitRepeat({ node, least, most }: Extract<Node, { type: 'repeat' }>, program: Instruction[]): void {
  for (let times = 0; times < least; times++) {
    const before = program.length;
    emit(node, program);
    // Nothing stays nothing, however often: repetitions of it in one another would take for ever.
    if (program.length === before) break;
  }
  const splits: { type: 'split'; one: number; other: number }[] = [];
  const begin = program.length;
  for (let times = least; times < (most === Infinity ? least + 1 : most); times++) {
    const split = { type: 'split' as const, one: program.length + 1, other: 0 };
    program.push(split);
    splits.push(split);
    emit(node, program);
  }
  if (most === Infinity) program.push({ type: 'jump', to: begin });
  for (const split of splits) split.other = program.length;
}
