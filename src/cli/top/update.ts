import type { Change, Connections, Info, Snapshot } from '../remote/answers.ts';
import { clamped } from './cursor.ts';
import { pageOf } from './layout.ts';
import { rowsOf } from './rows.ts';
import {
  type ConnectionQuery,
  isSameQuery,
  type ApiConnection,
  type Notice,
  type Size,
  type TopState,
} from './state.ts';

/** What comes from outside. */
export type TopEvent =
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly type: 'info'; readonly info: Info }
  | { readonly type: 'change'; readonly change: Change }
  | { readonly type: 'connections'; readonly to: ConnectionQuery; readonly answer: Connections }
  | { readonly type: 'api-connection'; readonly apiConnection: ApiConnection }
  | { readonly type: 'size'; readonly size: Size }
  | { readonly type: 'notice'; readonly notice: Notice };

/** The screen after an event. */
export function updated(state: TopState, event: TopEvent): TopState {
  switch (event.type) {
    case 'snapshot':
      return inPlace({ ...aged(state), snapshot: event.snapshot, apiConnection: { kind: 'live' } });
    case 'info':
      return { ...state, info: event.info };
    case 'change':
      return { ...state, lastChange: event.change };
    case 'connections':
      // A late answer is about another list than the one on the screen now.
      if (state.connections === undefined || !isSameQuery(state.connections, event.to)) return state;
      return inPlace({ ...state, connections: { ...state.connections, answer: event.answer } });
    case 'api-connection':
      return { ...state, apiConnection: event.apiConnection };
    case 'size':
      return inPlace({ ...state, size: event.size });
    case 'notice':
      return { ...state, notice: event.notice };
  }
}

/** A notice is shown for so many seconds, or until a key is pressed. */
const NOTICE_AGE = 10;

function aged(state: TopState): TopState {
  const { notice } = state;
  const age = (notice?.age ?? 0) + 1;
  return { ...state, notice: notice === undefined || age > NOTICE_AGE ? undefined : { ...notice, age } };
}

/** With the cursors on rows that there are. */
export function inPlace(state: TopState): TopState {
  const page = pageOf(state.size);
  const ids = rowsOf(state).map(({ id }) => id);
  const { connections } = state;
  const cursor = clamped(state.cursor, ids, page);
  if (connections === undefined) return { ...state, cursor };
  return {
    ...state,
    cursor,
    connections: { ...connections, cursor: clamped(connections.cursor, connectionIds(state), page) },
  };
}

export function connectionIds({ connections }: TopState): readonly string[] {
  return connections?.answer?.connections.map(({ id }) => id) ?? [];
}
