import type { Tone } from './status.ts';

/** Something that happened, as our API sends it (core/events.ts). */
export type ChangeJson = { readonly at: string } & (
  | {
      readonly type: 'backend';
      readonly server: string;
      readonly backend: string;
      readonly what: 'up' | 'down' | 'aside' | 'trial' | 'readmitted' | 'state' | 'unresolved';
      readonly reason: string;
    }
  | { readonly type: 'server'; readonly server: string; readonly what: 'all-aside' | 'panic' | 'panic-over' }
  | {
      readonly type: 'reloaded';
      readonly added: readonly string[];
      readonly changed: readonly string[];
      readonly removed: readonly string[];
    }
  | { readonly type: 'changed'; readonly by: string; readonly what: string }
  | { readonly type: 'reset'; readonly server?: string | undefined }
);

/** What a change says, in a few words each. */
export interface ChangeText {
  readonly tone: Tone;
  /** Of whom it tells; may be empty. */
  readonly subject: string;
  readonly what: string;
}

const OF_BACKEND = {
  up: ['good', 'is up'],
  down: ['bad', 'is down'],
  aside: ['bad', 'was set aside'],
  trial: ['calm', 'is tried by one client'],
  readmitted: ['good', 'is back in use'],
  state: ['calm', 'has another state'],
  unresolved: ['bad', 'has no address'],
} as const satisfies Record<string, readonly [Tone, string]>;

const OF_SERVER = {
  'all-aside': ['bad', 'every backend was set aside: all are tried again'],
  panic: ['bad', 'too few backends pass their checks: checks are ignored'],
  'panic-over': ['good', 'enough backends pass their checks: they count again'],
} as const satisfies Record<string, readonly [Tone, string]>;

export function changeText(change: ChangeJson): ChangeText {
  switch (change.type) {
    case 'backend': {
      const { server, backend, reason } = change;
      const [tone, what] = OF_BACKEND[change.what];
      return { tone, subject: `${server} / ${backend}`, what: reason === '' ? what : `${what}: ${reason}` };
    }
    case 'server': {
      const [tone, what] = OF_SERVER[change.what];
      return { tone, subject: change.server, what };
    }
    case 'reloaded':
      return { tone: 'calm', subject: '', what: reloadText(change) };
    case 'changed':
      return { tone: 'calm', subject: '', what: `${change.what}, by ${change.by}` };
    case 'reset':
      return { tone: 'calm', subject: change.server ?? '', what: 'counters were reset' };
    default:
      return change satisfies never;
  }
}

interface Reloaded {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What a reload has done, on one line. */
export function reloadText({ added, changed, removed }: Reloaded): string {
  const parts = Object.entries({ added, changed, removed }).filter(([, names]) => names.length > 0);
  const lists = parts.map(([what, names]) => `${what} ${names.join(', ')}`);
  return lists.length === 0 ? 'reloaded: no server has changed' : `reloaded: ${lists.join('; ')}`;
}
