import type { Tone } from './status.ts';
import type { ChangeJson } from './wire.ts';

/** A change of any type; other versions may send types and words that are unknown here. */
export interface AnyChangeJson {
  readonly type: string;
  readonly server?: string | undefined;
  readonly backend?: string | undefined;
  readonly what?: string | undefined;
  readonly reason?: string | undefined;
  readonly by?: string | undefined;
  readonly added?: readonly string[] | undefined;
  readonly changed?: readonly string[] | undefined;
  readonly removed?: readonly string[] | undefined;
}

/** What a change says, in a few words each. */
export interface ChangeText {
  readonly tone: Tone;
  /** The server, backend or client that it is about; may be empty. */
  readonly subject: string;
  readonly what: string;
}

type Words = readonly [Tone, string];
type WhatOf<Type> = Extract<ChangeJson, { readonly type: Type; readonly what: string }>['what'];

const OF_BACKEND: Readonly<Record<string, Words>> = {
  up: ['good', 'is up'],
  down: ['bad', 'is down'],
  ejected: ['bad', 'was ejected'],
  probing: ['calm', 'is probed by one client'],
  restored: ['good', 'is restored'],
  state: ['calm', 'has another state'],
  unresolved: ['bad', 'has no address'],
} satisfies Record<WhatOf<'backend'>, Words>;

const OF_SERVER: Readonly<Record<string, Words>> = {
  'all-ejected': ['bad', 'all backends are ejected: all are tried again'],
  panic: ['bad', 'too few backends pass their checks: checks are ignored'],
  'panic-over': ['good', 'enough backends pass their checks: they count again'],
} satisfies Record<WhatOf<'server'>, Words>;

export function changeText(change: AnyChangeJson): ChangeText {
  const { type, server = '', backend = '', what: name = '', reason = '', by = '' } = change;
  switch (type) {
    case 'backend': {
      const [tone, what] = OF_BACKEND[name] ?? ['calm', name];
      return { tone, subject: `${server}/${backend}`, what: reason === '' ? what : `${what}: ${reason}` };
    }
    case 'server': {
      const [tone, what] = OF_SERVER[name] ?? ['calm', name];
      return { tone, subject: server, what };
    }
    case 'reloaded':
      return { tone: 'calm', subject: '', what: reloadText(change) };
    case 'changed':
      return { tone: 'calm', subject: '', what: `${name}, by ${by}` };
    case 'reset':
      return { tone: 'calm', subject: server, what: 'counters were reset' };
    default:
      return { tone: 'calm', subject: server, what: [type, backend, name, reason].filter(Boolean).join(' ') };
  }
}

/** The same on one line: `web/10.0.0.1:80 is down: connection refused`. */
export function changeLine(change: AnyChangeJson): string {
  const { subject, what } = changeText(change);
  if (subject === '') return what;
  return change.type === 'backend' ? `${subject} ${what}` : `${subject}: ${what}`;
}

/** What a reload has done, on one line. */
export function reloadText({
  added = [],
  changed = [],
  removed = [],
}: Pick<AnyChangeJson, 'added' | 'changed' | 'removed'>): string {
  const parts = Object.entries({ added, changed, removed }).filter(([, names]) => names.length > 0);
  const lists = parts.map(([what, names]) => `${what} ${names.join(', ')}`);
  return lists.length === 0 ? 'reloaded: no server has changed' : `reloaded: ${lists.join('; ')}`;
}
