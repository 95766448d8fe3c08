import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backendWord, UNAVAILABLE_REASONS } from './backend-status.ts';
import type { Health, HealthState } from './healthcheck.ts';

function health(state: HealthState): Health {
  return { isLive: true, state, reason: '', consecutive: 1, durationMs: 0 };
}

test('what keeps a backend from getting clients comes before how it fares', () => {
  for (const obstacle of UNAVAILABLE_REASONS) {
    assert.equal(backendWord({ obstacle, warmupFactor: 0.5, health: health('up') }), obstacle);
  }
});

test('one that starts slowly is starting until its warmupFactor is whole', () => {
  assert.equal(backendWord({ warmupFactor: 0.99, health: health('up') }), 'starting');
  assert.equal(backendWord({ warmupFactor: 1, health: health('up') }), 'up');
});

test('one of which no check has said anything is unchecked', () => {
  assert.equal(backendWord({ warmupFactor: 1 }), 'unchecked');
  assert.equal(backendWord({ warmupFactor: 1, health: health('unchecked') }), 'unchecked');
});

test('one that gets clients although checks begin to fail, or are ignored in a panic, is up', () => {
  for (const state of ['falling', 'rising', 'down'] as const) {
    assert.equal(backendWord({ warmupFactor: 1, health: health(state) }), 'up', state);
  }
});
