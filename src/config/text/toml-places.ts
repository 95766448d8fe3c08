import type { parseTOML as ParseTOML } from 'toml-eslint-parser';

import { asError } from '../../core/errors.ts';
import type { Problem } from '../problem/problem.ts';
import { childPlace, newPlace, type Place } from './place.ts';

/** Where each key and value of a TOML text stands, or why that cannot be said. */
export type TomlPlaces = { readonly root: Place } | { readonly problem: Problem };

/** Reads a TOML text for positions only. The parser is loaded when it is first needed. */
export async function readTomlPlaces(text: string): Promise<TomlPlaces> {
  const { parseTOML, ParseError } = await import('toml-eslint-parser');
  try {
    return { root: placesOf(parseTOML(text, { tomlVersion: '1.0.0' })) };
  } catch (thrown) {
    const message =
      thrown instanceof RangeError ? 'the values are nested too deeply' : lowerFirst(asError(thrown).message);
    const index = thrown instanceof ParseError ? { index: thrown.index } : undefined;
    return { problem: { code: 'TSLB_CONFIG_SYNTAX', path: [], message, ...index } };
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

type Program = ReturnType<typeof ParseTOML>;
type TopLevelNode = Program['body'][0]['body'][number];
type KeyValueNode = Extract<TopLevelNode, { type: 'TOMLKeyValue' }>;
type ContentNode = KeyValueNode['value'];

function placesOf(program: Program): Place {
  const root = newPlace(0);
  for (const node of program.body[0].body) {
    if (node.type === 'TOMLKeyValue') addKeyValue(root, node);
    else addTable(root, node);
  }
  return root;
}

function addTable(root: Place, table: Extract<TopLevelNode, { type: 'TOMLTable' }>): void {
  const { keys } = table.key;
  let place = root;
  let key = 0;
  for (const part of table.resolvedKey) {
    const start = keys[Math.min(key, keys.length - 1)]?.range[0] ?? table.range[0];
    place = childPlace(place, part, start);
    if (typeof part === 'string') key++;
  }
  for (const node of table.body) addKeyValue(place, node);
}

function addKeyValue(parent: Place, node: KeyValueNode): void {
  let place = parent;
  for (const key of node.key.keys) {
    place = childPlace(place, key.type === 'TOMLBare' ? key.name : key.value, key.range[0]);
  }
  addContent(place, node.value);
}

function addContent(place: Place, content: ContentNode): void {
  [place.valueStart, place.valueEnd] = content.range;
  if (content.type === 'TOMLArray') {
    for (const [index, element] of content.elements.entries()) {
      addContent(childPlace(place, index, element.range[0]), element);
    }
  }
  if (content.type === 'TOMLInlineTable') {
    for (const node of content.body) addKeyValue(place, node);
  }
}
