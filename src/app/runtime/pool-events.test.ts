import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventOf } from './pool-events.ts';

const BACKEND = 'a:80';

test('what befalls a backend has its reason, on one line', () => {
  const health = { isLive: false, state: 'down', reason: 'answered\n500', consecutive: 1, durationMs: 1 } as const;
  assert.deepEqual(eventOf('web', { type: 'down', backend: BACKEND, health }), {
    type: 'backend',
    server: 'web',
    backend: BACKEND,
    what: 'down',
    reason: 'answered 500',
  });
  const reasonOf = (event: Parameters<typeof eventOf>[1]) => {
    const told = eventOf('web', event);
    return told !== undefined && 'reason' in told ? told.reason : undefined;
  };
  const state = { type: 'state', backend: BACKEND, state: 'draining' } as const;
  assert.equal(reasonOf({ ...state, isOverride: true }), 'draining by override');
  assert.equal(reasonOf({ ...state, isOverride: false }), 'draining by list');
  assert.equal(reasonOf({ type: 'unresolved', backend: BACKEND, error: new Error('ENOTFOUND') }), 'ENOTFOUND');
});

test('what befalls a server', () => {
  const panic = { type: 'panic', live: 1, backends: 3 } as const;
  assert.deepEqual(eventOf('web', panic), { type: 'server', server: 'web', what: 'panic' });
});

test('a backend that is tried again and again is told of once', () => {
  const ejected = { type: 'ejected', backend: BACKEND, code: 'ECONNREFUSED', failTimeoutMs: 10_000 } as const;
  const probing = { type: 'probing', backend: BACKEND } as const;
  for (const event of [ejected, probing]) {
    assert.equal(eventOf('web', { ...event, isFirst: true })?.type, 'backend');
    assert.equal(eventOf('web', { ...event, isFirst: false }), undefined);
  }
});
