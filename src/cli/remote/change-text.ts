import type { Change } from './answers.ts';

/** What has happened, on one line without its time: `web/10.0.0.1:80 is down: connection refused`. */
export function changeText(change: Change): string {
  const { type, server = '', backend = '', what = '', reason = '', by = '' } = change;
  switch (type) {
    case 'backend':
      return `${server}/${backend} ${BACKEND_WORDS[what] ?? what}${reason === '' ? '' : `: ${reason}`}`;
    case 'server':
      return `${server}: ${SERVER_WORDS[what] ?? what}`;
    case 'reloaded': {
      const parts = (['added', 'changed', 'removed'] as const).flatMap((kind) => {
        const names = change[kind] ?? [];
        return names.length === 0 ? [] : [`${kind} ${names.join(', ')}`];
      });
      return `reloaded: ${parts.join('; ') || 'nothing has changed'}`;
    }
    case 'changed':
      return `${by}: ${what}`;
    case 'reset':
      return server === '' ? 'counters were reset' : `${server}: counters were reset`;
    default:
      return [type, server, backend, what, reason].filter((part) => part !== '').join(' ');
  }
}

const BACKEND_WORDS: Readonly<Record<string, string>> = {
  up: 'is up',
  down: 'is down',
  aside: 'is set aside',
  trial: 'is tried by a client',
  readmitted: 'is back in use',
  state: 'has another state',
  unresolved: 'cannot be resolved',
};

const SERVER_WORDS: Readonly<Record<string, string>> = {
  'all-aside': 'every backend was set aside, so all are tried again',
  panic: 'too few backends pass their checks, so checks are ignored',
  'panic-over': 'enough backends pass their checks again',
};
