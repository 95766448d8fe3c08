import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';

import { type Problem, quoted } from '../problem/problem.ts';
import { childPlace, newPlace, type Place } from './place.ts';
import type { Parsed } from './toml.ts';

const STRICT = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: true };

/** Reads JSON. A key that stands twice in an object is a fault, as it is in TOML; JSON.parse would take the last. */
export function parseJson(text: string): Parsed {
  if (text.trim() === '') return { value: {}, problems: [] };
  const { tree, errors } = syntaxTree(text);
  try {
    const value: unknown = JSON.parse(text);
    return { value, problems: duplicateKeys(tree) };
  } catch {
    return { problems: [syntaxProblem(errors)] };
  }
}

/** Where each key and value stands. */
export function jsonPlaces(text: string): Place | undefined {
  const { tree } = syntaxTree(text);
  if (tree === undefined) return undefined;
  const root = newPlace(0);
  addNode(root, tree);
  return root;
}

function addNode(place: Place, node: Node): void {
  place.valueStart = node.offset;
  place.valueEnd = node.offset + node.length;
  for (const [index, child] of (node.children ?? []).entries()) {
    if (node.type === 'array') addNode(childPlace(place, index, child.offset), child);
    const member = node.type === 'object' ? memberOf(child) : undefined;
    if (member?.value !== undefined) {
      place.children.delete(member.name);
      addNode(childPlace(place, member.name, member.key.offset), member.value);
    }
  }
}

function duplicateKeys(node: Node | undefined): readonly Problem[] {
  const problems: Problem[] = [];
  const open = node === undefined ? [] : [node];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    const names = new Set<string>();
    for (const child of current.children ?? []) {
      open.push(child);
      const member = current.type === 'object' ? memberOf(child) : undefined;
      if (member === undefined) continue;
      if (names.has(member.name)) problems.push(duplicateKey(member.name, member.key.offset));
      names.add(member.name);
    }
  }
  return problems;
}

function duplicateKey(name: string, index: number): Problem {
  return { code: 'TSLB_CONFIG_DUPLICATE_KEY', path: [], index, message: `the key ${quoted(name)} is given twice` };
}

function memberOf(property: Node): { name: string; key: Node; value: Node | undefined } | undefined {
  const [key, value] = property.children ?? [];
  return key === undefined ? undefined : { name: String(key.value), key, value };
}

/** JSON.parse gives no dependable position, and quotes the text, so the second parser is asked. */
function syntaxProblem(errors: readonly ParseError[]): Problem {
  const [first] = errors;
  if (first === undefined) return { code: 'TSLB_CONFIG_SYNTAX', path: [], message: 'this is not JSON' };
  const words = printParseErrorCode(first.error).replace(/(?<!^)[A-Z]/g, (letter) => ` ${letter}`);
  return { code: 'TSLB_CONFIG_SYNTAX', path: [], index: first.offset, message: words.toLowerCase() };
}

/** The text with positions; without a tree where it is nested deeper than the stack, which no configuration is. */
function syntaxTree(text: string): { tree?: Node | undefined; errors: readonly ParseError[] } {
  const errors: ParseError[] = [];
  try {
    return { tree: parseTree(text, errors, STRICT), errors };
  } catch (thrown) {
    if (thrown instanceof RangeError) return { errors };
    throw thrown;
  }
}
