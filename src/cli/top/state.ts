import type { Change, Connections, Info, Snapshot } from '../remote/answers.ts';
import type { SortKey } from './sort.ts';

/** All that is on the screen. Immutable; update.ts and keys.ts make the next one, screen.ts shows it. */
export interface TopState {
  readonly address: string;
  readonly size: Size;
  readonly apiConnection: ApiConnection;
  readonly info?: Info;
  readonly snapshot?: Snapshot;
  readonly view: 'servers' | 'connections';
  readonly hasHelp: boolean;
  readonly sort: Sort;
  /** Part of a server's name or of a backend's key; empty is no filter. */
  readonly filter: string;
  /** Whether keys go into the filter. */
  readonly isTyping: boolean;
  readonly cursor: Cursor;
  readonly connections?: ConnectionView;
  /** Waits for a yes. */
  readonly question?: Question;
  readonly notice?: Notice | undefined;
  readonly lastChange?: Change;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export type ApiConnection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** @property since in milliseconds since the epoch */
  | { readonly kind: 'lost'; readonly reason: string; readonly since: number };

export interface Sort {
  readonly by: SortKey;
  readonly isReversed: boolean;
}

/** Which row is chosen, and which one is the first on the screen. */
export interface Cursor {
  /** The key of the chosen row. When that row is gone, the row in its place is chosen. */
  readonly id: string;
  readonly index: number;
  readonly offset: number;
}

/** Which connections are asked for: of one server, or of one backend of it. */
export interface ConnectionQuery {
  readonly server: string;
  readonly backend?: string;
  readonly sort: ConnectionSort;
}

export interface ConnectionView extends ConnectionQuery {
  readonly cursor: Cursor;
  readonly answer?: Connections;
}

export type ConnectionSort = 'age' | 'rx' | 'tx';

export interface Question {
  readonly text: string;
  readonly action: Action;
}

export interface Notice {
  readonly text: string;
  readonly isError: boolean;
  /** Snapshots since it is shown. Absent: none. */
  readonly age?: number;
}

/** What changes the balancer. */
export type Action =
  | { readonly type: 'state'; readonly server: string; readonly backend: string; readonly state: string | null }
  | { readonly type: 'kill'; readonly id: string };

/** Effects of a key besides a new screen. */
export type Effect =
  Action | { readonly type: 'quit' } | { readonly type: 'suspend' } | { readonly type: 'ask-connections' };

export function isSameQuery(one: ConnectionQuery, other: ConnectionQuery): boolean {
  return one.server === other.server && one.backend === other.backend && one.sort === other.sort;
}

export const FIRST_ROW: Cursor = { id: '', index: 0, offset: 0 };

export function initialState(address: string, size: Size): TopState {
  return {
    address,
    size,
    apiConnection: { kind: 'connecting' },
    view: 'servers',
    hasHelp: false,
    sort: { by: 'name', isReversed: false },
    filter: '',
    isTyping: false,
    cursor: FIRST_ROW,
  };
}
