import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serverStats } from '../../test/helpers/fakes/fake-control.ts';
import { backendStatus as nothingHappened } from '../../test/helpers/fakes/statuses.ts';
import { backendJson } from '../control/v1/present/backend.ts';
import { serverJson } from '../control/v1/present/server.ts';
import { BACKEND_WORDS, type BackendStatus } from '../core/backend-status.ts';
import type { Health } from '../core/healthcheck.ts';
import { backendStatus, isServing, isTroubled, serverStatus } from './status.ts';

const NOW = 1_000_000;

function json(change: Partial<BackendStatus>) {
  const rates = { connections: 0, peakConnections: 0, rx: 0, tx: 0 };
  return backendJson({ ...nothingHappened('a:80'), ...change, rates });
}

function health(change: Partial<Health>): Health {
  return { state: 'up', isLive: true, reason: 'passed', consecutive: 1, durationMs: 2.34, checkedAt: NOW, ...change };
}

describe('the note of a backend says why', () => {
  const cases: readonly [Partial<BackendStatus>, word: string, note: string][] = [
    [{}, 'unchecked', ''],
    [{ health: health({}) }, 'up', 'passed in 2.3 ms'],
    [
      { health: health({ state: 'falling', reason: 'refused', checkedAt: NOW - 2000 }) },
      'up',
      'falling: refused, 2s ago',
    ],
    [{ health: health({ state: 'down', reason: 'refused' }), obstacle: 'down' }, 'down', 'refused, 0s ago'],
    [{ obstacle: 'ejected', probeInMs: 4000 }, 'ejected', 'failed its clients; tried again in 4s'],
    [{ obstacle: 'ejected', probeInMs: 0 }, 'ejected', 'failed its clients; one client may try it'],
    [{ warmupFactor: 0.35 }, 'starting', '35 % of its weight'],
    [{ obstacle: 'draining', isStateOverridden: true }, 'draining', 'runtime override'],
    [{ obstacle: 'disabled' }, 'disabled', 'as configured'],
    [{ obstacle: 'removed', active: 3 }, 'removed', 'left the list; 3 still open'],
    [{ obstacle: 'unresolved' }, 'unresolved', 'its name has no address'],
  ];
  for (const [change, word, note] of cases) {
    test(`${word}: ${note}`, () => {
      const status = backendStatus(json(change), NOW);
      assert.deepEqual([status.word, status.note], [word, note]);
    });
  }
});

test('every word either gets clients, is trouble, or is what an operator wants', () => {
  const words = BACKEND_WORDS.map((status) => ({ ...json({}), status }));
  assert.deepEqual(
    words.filter((each) => isServing(each) && isTroubled(each)),
    [],
  );
  assert.deepEqual(
    words.filter((each) => !isServing(each) && !isTroubled(each)).map(({ status }) => status),
    ['removed', 'draining', 'disabled'],
  );
});

test('a server is as its backends are together', () => {
  const up = nothingHappened('a:80');
  const [down, draining, removed] = (['down', 'draining', 'removed'] as const).map((obstacle) => ({
    ...up,
    obstacle,
  }));
  const cases: readonly [backends: readonly BackendStatus[], word: string, note: string][] = [
    [[up, up], 'up', '2 of 2 up'],
    [[up, draining!], 'up', '1 of 2 up'],
    [[up, removed!], 'up', '1 of 1 up'],
    [[up, down!], 'degraded', '1 of 2 up'],
    [[down!], 'down', '0 of 1 up'],
    [[], 'down', 'no backends'],
  ];
  for (const [backends, word, note] of cases) {
    const status = serverStatus(serverJson(serverStats('web', backends)));
    assert.deepEqual([status.word, status.note], [word, note]);
  }
});
