import assert from 'node:assert/strict';
import { test } from 'node:test';

import { changeText } from './change-text.ts';

const at = '2026-01-31T00:00:00.000Z';

test('a change is one line', () => {
  const backend = { at, type: 'backend', server: 'web', backend: '10.0.0.1:80' };
  assert.equal(
    changeText({ ...backend, what: 'down', reason: 'connection refused' }),
    'web/10.0.0.1:80 is down: connection refused',
  );
  assert.equal(changeText({ ...backend, what: 'novel', reason: '' }), 'web/10.0.0.1:80 novel');
  assert.match(changeText({ at, type: 'server', server: 'web', what: 'panic' }), /^web: .*checks are ignored$/);
  assert.equal(
    changeText({ at, type: 'reloaded', added: ['a', 'b'], changed: [], removed: ['c'] }),
    'reloaded: added a, b; removed c',
  );
  assert.equal(changeText({ at, type: 'reloaded', added: [] }), 'reloaded: nothing has changed');
  assert.equal(changeText({ at, type: 'changed', by: 'admin', what: 'drained web/a:1' }), 'admin: drained web/a:1');
  assert.equal(changeText({ at, type: 'reset' }), 'counters were reset');
  assert.equal(changeText({ at, type: 'reset', server: 'web' }), 'web: counters were reset');
  assert.equal(changeText({ at, type: 'of another version', server: 'web' }), 'of another version web');
});
