import assert from 'node:assert/strict';
import { test } from 'node:test';

import { changeJson } from '../control/v1/present/change.ts';
import type { ControlEvent } from '../core/events.ts';
import { changeLine, changeText } from './change.ts';

test('every change has words', () => {
  const backend = { at: 0, type: 'backend', server: 'web', backend: 'a:80', what: 'down' } as const;
  const cases: readonly [ControlEvent, tone: string, text: string][] = [
    [{ ...backend, reason: 'refused' }, 'bad', 'web/a:80 is down: refused'],
    [{ ...backend, what: 'up', reason: '' }, 'good', 'web/a:80 is up'],
    [
      { at: 0, type: 'server', server: 'web', what: 'panic-over' },
      'good',
      'web enough backends pass their checks: they count again',
    ],
    [
      { at: 0, type: 'reloaded', added: ['a', 'b'], changed: [], removed: ['c'] },
      'calm',
      ' reloaded: added a, b; removed c',
    ],
    [{ at: 0, type: 'reloaded', added: [], changed: [], removed: [] }, 'calm', ' reloaded: no server has changed'],
    [{ at: 0, type: 'changed', by: 'ann', what: 'draining web/a:80' }, 'calm', ' draining web/a:80, by ann'],
    [{ at: 0, type: 'reset', server: 'web' }, 'calm', 'web counters were reset'],
  ];
  for (const [event, tone, text] of cases) {
    const change = changeText(changeJson(event));
    assert.deepEqual([change.tone, `${change.subject} ${change.what}`], [tone, text]);
  }
});

test('on one line it names its server or backend, also in another version', () => {
  const backend = { type: 'backend', server: 'web', backend: 'a:80' };
  const server = { type: 'server', server: 'web' };
  const cases: readonly [Parameters<typeof changeLine>[0], text: string][] = [
    [{ ...backend, what: 'down', reason: 'refused' }, 'web/a:80 is down: refused'],
    [{ ...backend, what: 'novel' }, 'web/a:80 novel'],
    [{ ...server, what: 'panic' }, 'web: too few backends pass their checks: checks are ignored'],
    [{ ...server, what: 'novel' }, 'web: novel'],
    [{ type: 'reloaded', added: ['a', 'b'], removed: ['c'] }, 'reloaded: added a, b; removed c'],
    [{ type: 'changed', by: 'ann', what: 'draining web/a:80' }, 'draining web/a:80, by ann'],
    [{ type: 'reset' }, 'counters were reset'],
    [{ type: 'reset', server: 'web' }, 'web: counters were reset'],
    [{ type: 'of another version', server: 'web' }, 'web: of another version'],
  ];
  for (const [change, text] of cases) assert.equal(changeLine(change), text);
});
