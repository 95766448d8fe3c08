import { moved, clamped } from './cursor.ts';
import { pageOf } from './layout.ts';
import { rowsOf } from './rows.ts';
import { SORT_KEYS } from './sort.ts';
import { type ConnectionSort, type Effect, FIRST_ROW, type TopState } from './state.ts';
import { connectionIds, inPlace } from './update.ts';

/** As node:readline tells it. */
export interface Key {
  readonly name?: string | undefined;
  /** What was typed; more than one character is a key without a sign of its own. */
  readonly text?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

export interface Outcome {
  readonly state: TopState;
  readonly effect?: Effect;
}

/** The screen after a key, and what it asks for. */
export function pressed(before: TopState, key: Key): Outcome {
  if (key.ctrl === true && key.name === 'c') return { state: before, effect: { type: 'quit' } };
  if (key.ctrl === true && key.name === 'z') return { state: before, effect: { type: 'suspend' } };
  if (before.question !== undefined) return answered(before, key);
  if (before.isTyping) return { state: inPlace(typed(before, key)) };
  const state = { ...before, notice: undefined };
  if (state.hasHelp) return { state: { ...state, hasHelp: false } };
  const jump = jumpOf(key, pageOf(state.size));
  if (jump !== undefined) return { state: jumped(state, jump) };
  if (key.text === 'q') return { state, effect: { type: 'quit' } };
  if (key.text === '?' || key.text === 'h') return { state: { ...state, hasHelp: true } };
  return state.view === 'connections' ? amongConnections(state, key) : amongServers(state, key);
}

/** By how many rows a key moves. */
function jumpOf({ name, text }: Key, page: number): number | undefined {
  if (name === 'up' || text === 'k') return -1;
  if (name === 'down' || text === 'j') return 1;
  if (name === 'pageup') return -page;
  if (name === 'pagedown' || name === 'space') return page;
  if (name === 'home') return -Infinity;
  if (name === 'end') return Infinity;
  return undefined;
}

function jumped(state: TopState, by: number): TopState {
  const page = pageOf(state.size);
  if (state.view === 'connections' && state.connections !== undefined) {
    const cursor = moved(state.connections.cursor, connectionIds(state), by, page);
    return { ...state, connections: { ...state.connections, cursor } };
  }
  const ids = rowsOf(state).map(({ id }) => id);
  return { ...state, cursor: moved(state.cursor, ids, by, page) };
}

function answered({ question, ...state }: TopState, { text, name }: Key): Outcome {
  if (question !== undefined && text?.toLowerCase() === 'y') return { state, effect: question.action };
  if (name === 'escape' || name === 'return' || text?.toLowerCase() === 'n') {
    return { state: { ...state, notice: { text: 'Nothing was changed.', isError: false } } };
  }
  return { state: { ...state, ...(question !== undefined && { question }) } };
}

function typed(state: TopState, { name, text = '', ctrl = false }: Key): TopState {
  if (name === 'return') return { ...state, isTyping: false };
  if (name === 'escape') return { ...state, isTyping: false, filter: '' };
  if (name === 'backspace') return { ...state, filter: state.filter.replace(/\P{M}\p{M}*$/u, '') };
  if (ctrl) return name === 'u' ? { ...state, filter: '' } : state;
  return /^\P{C}+$/u.test(text) ? { ...state, filter: state.filter + text } : state;
}

function amongServers(state: TopState, { name, text = '' }: Key): Outcome {
  if (text === '/') return { state: { ...state, isTyping: true } };
  if (name === 'escape') return { state: inPlace({ ...state, filter: '' }) };
  const by = SORT_KEYS[text];
  if (by !== undefined) {
    const isReversed = state.sort.by === by && !state.sort.isReversed;
    return { state: inPlace({ ...state, sort: { by, isReversed } }) };
  }
  if (text === 'c' || name === 'return') return opened(state);
  const change = STATE_KEYS[text];
  return { state: change === undefined ? state : asked(state, change) };
}

interface StateChange {
  readonly state: string | null;
  readonly verb: string;
  readonly consequence: string;
}

/** What a key does to the chosen backend. */
const STATE_KEYS: Readonly<Record<string, StateChange>> = {
  d: { state: 'draining', verb: 'Drain', consequence: 'it gets no new clients, and its connections may finish' },
  e: { state: 'enabled', verb: 'Enable', consequence: 'it gets clients if its checks pass' },
  x: {
    state: 'disabled',
    verb: 'Disable',
    consequence: 'it gets no new clients and no checks, and on_down applies to its connections',
  },
  a: { state: null, verb: 'Clear the override of', consequence: 'its state is that of the file again' },
};

function asked(state: TopState, { state: wanted, verb, consequence }: StateChange): TopState {
  const row = rowsOf(state)[state.cursor.index];
  if (row?.backend === undefined) {
    return { ...state, notice: { text: 'This key needs a backend: choose one with the arrow keys.', isError: true } };
  }
  const [server, backend] = [row.server.name, row.backend.key];
  const text = `${verb} ${server}/${backend}? Then ${consequence}.`;
  return { ...state, question: { text, action: { type: 'state', server, backend, state: wanted } } };
}

/** The connections of what is chosen. */
function opened(state: TopState): Outcome {
  const row = rowsOf(state)[state.cursor.index];
  if (row === undefined) return { state };
  const backend = row.backend?.key;
  const of = { server: row.server.name, ...(backend !== undefined && { backend }) };
  const connections = { ...of, sort: 'age' as const, cursor: FIRST_ROW };
  return { state: { ...state, view: 'connections', connections }, effect: { type: 'ask-connections' } };
}

/** The key that is pressed for each order of connections. */
const CONNECTION_SORTS: Readonly<Record<string, ConnectionSort>> = { A: 'age', I: 'tx', O: 'rx' };

function amongConnections(state: TopState, { name, text = '' }: Key): Outcome {
  const { connections, ...without } = state;
  if (connections === undefined || name === 'escape' || name === 'backspace' || text === 'c') {
    return { state: { ...without, view: 'servers' } };
  }
  const sort = CONNECTION_SORTS[text];
  if (sort !== undefined) {
    return { state: { ...state, connections: { ...connections, sort } }, effect: { type: 'ask-connections' } };
  }
  if (name !== 'delete' && text !== 'K') return { state };
  const { index } = clamped(connections.cursor, connectionIds(state), pageOf(state.size));
  const chosen = connections.answer?.connections[index];
  if (chosen === undefined) return { state };
  const question = { text: `Cut ${chosen.client}?`, action: { type: 'kill' as const, id: chosen.id } };
  return { state: { ...state, question } };
}
