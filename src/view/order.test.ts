import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serverStats } from '../../test/helpers/fakes/fake-control.ts';
import { backendStatus } from '../../test/helpers/fakes/statuses.ts';
import { snapshotJson } from '../control/v1/present/snapshot.ts';
import type { BackendStatus } from '../core/backend-status.ts';
import { arranged, nextOrder, type Wish } from './order.ts';

const NONE: Wish = { filter: '', isTroubleOnly: false, order: undefined };

function backend(key: string, change: Partial<BackendStatus> = {}): BackendStatus {
  return { ...backendStatus(key), ...change };
}

const SNAPSHOT = snapshotJson({
  at: 0,
  process: { uptimeMs: 0, rssBytes: 0, cpu: 0, loopDelayMs: 0 },
  threads: [],
  servers: [
    serverStats('web', [backend('10.0.0.10:80', { active: 1 }), backend('10.0.0.9:80', { active: 5 })]),
    serverStats('mail', [backend('m:25', { obstacle: 'down' }), backend('n:25', { obstacle: 'draining' })]),
  ],
});

/** `server: backend backend` of what is shown. */
function shown(wish: Partial<Wish>): readonly string[] {
  return arranged(SNAPSHOT, { ...NONE, ...wish }).map(
    ({ server, backends }) => `${server.name}: ${backends.map(({ key }) => key).join(' ')}`,
  );
}

test('without a wish all stand as in the configuration', () => {
  assert.deepEqual(shown({}), ['web: 10.0.0.10:80 10.0.0.9:80', 'mail: m:25 n:25']);
});

describe('a filter', () => {
  test('that a server meets shows all of it', () => {
    assert.deepEqual(shown({ filter: 'WEB' }), ['web: 10.0.0.10:80 10.0.0.9:80']);
  });
  test('that backends meet, by key or state, shows those', () => {
    assert.deepEqual(shown({ filter: '0.9' }), ['web: 10.0.0.9:80']);
    assert.deepEqual(shown({ filter: 'draining' }), ['mail: n:25']);
    assert.deepEqual(shown({ filter: 'mail down' }), ['mail: m:25']);
  });
  test('that no line meets shows no line', () => {
    assert.deepEqual(shown({ filter: 'nobody' }), []);
  });
});

test('only those in trouble: what an operator has done is none', () => {
  assert.deepEqual(shown({ isTroubleOnly: true }), ['mail: m:25']);
});

describe('an order', () => {
  test('sorts servers and, within each, backends', () => {
    assert.deepEqual(shown({ order: { by: 'name', isDescending: false } }), [
      'mail: m:25 n:25',
      'web: 10.0.0.9:80 10.0.0.10:80',
    ]);
    assert.deepEqual(shown({ order: { by: 'active', isDescending: true } })[0], 'web: 10.0.0.9:80 10.0.0.10:80');
    assert.deepEqual(shown({ order: { by: 'state', isDescending: true } })[0], 'mail: m:25 n:25');
  });
  test('by a column that there is not is none', () => {
    assert.deepEqual(shown({ order: { by: 'nothing', isDescending: true } }), shown({}));
  });
  test('begins with the most, turns round, and ends', () => {
    const first = nextOrder(undefined, 'active');
    assert.deepEqual(first, { by: 'active', isDescending: true });
    const second = nextOrder(first, 'active');
    assert.deepEqual(second, { by: 'active', isDescending: false });
    assert.equal(nextOrder(second, 'active'), undefined);
    assert.deepEqual(nextOrder(second, 'name'), { by: 'name', isDescending: false });
  });
});
