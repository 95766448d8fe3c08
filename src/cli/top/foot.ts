import { visible } from '../../config/problem/diagnostic-line.ts';
import { changeLine } from '../../view/change.ts';
import { connectionTitle } from './connection-table.ts';
import type { Line, Span } from './line.ts';
import type { TopState } from './state.ts';

/** The two lines below everything: what there is to say, and the keys. */
export function footLines(state: TopState): readonly Line[] {
  return [messageLine(state), keysLine(state)];
}

function messageLine(state: TopState): Line {
  const { question, notice, apiConnection, filter, isTyping, view, connections, lastChange } = state;
  if (question !== undefined) {
    return { spans: [{ text: `${visible(question.text)} y/n `, format: ['yellow', 'bold'] }] };
  }
  if (isTyping) return { spans: [{ text: `Filter: ${visible(filter)}_`, format: 'bold' }] };
  if (apiConnection.kind === 'lost')
    return { spans: [{ text: `${visible(apiConnection.reason)}; trying again`, format: 'red' }] };
  if (notice !== undefined) {
    return { spans: [{ text: visible(notice.text), format: notice.isError ? 'red' : 'green' }] };
  }
  if (view === 'connections' && connections !== undefined) return { spans: [connectionTitle(connections)] };
  if (filter !== '') return { spans: [`Filter: ${visible(filter)}`] };
  if (lastChange === undefined) return { spans: [] };
  const time = new Date(lastChange.at).toTimeString().slice(0, 'hh:mm:ss'.length);
  return { spans: [{ text: `${time} `, format: 'dim' }, visible(changeLine(lastChange))] };
}

type Hint = readonly [keys: string, meaning: string];

export const SERVER_KEYS: readonly Hint[] = [
  ['q', 'quit'],
  ['?', 'help'],
  ['N C S B E W', 'sort'],
  ['/', 'filter'],
  ['c', 'connections'],
  ['d', 'drain'],
  ['e', 'enable'],
  ['x', 'disable'],
  ['a', 'clear override'],
];

export const CONNECTION_KEYS: readonly Hint[] = [
  ['q', 'quit'],
  ['?', 'help'],
  ['Esc', 'back'],
  ['A I O', 'sort by age, in, out'],
  ['K', 'cut'],
];

const QUESTION_KEYS: readonly Hint[] = [
  ['y', 'yes'],
  ['n', 'no'],
];

const FILTER_KEYS: readonly Hint[] = [
  ['Enter', 'keep'],
  ['Esc', 'show all'],
];

function keysLine({ question, isTyping, view }: TopState): Line {
  if (question !== undefined) return hintLine(QUESTION_KEYS);
  if (isTyping) return hintLine(FILTER_KEYS);
  return hintLine(view === 'connections' ? CONNECTION_KEYS : SERVER_KEYS);
}

function hintLine(hints: readonly Hint[]): Line {
  const spans = hints.flatMap(([keys, meaning], index): readonly Span[] => [
    { text: `${index === 0 ? '' : '  '}${keys}`, format: 'bold' },
    { text: ` ${meaning}`, format: 'dim' },
  ]);
  return { spans };
}
