import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PoolEvent } from '../control/pool/events.ts';
import type { News } from './event-hub.ts';
import { PoolNews } from './pool-news.ts';

function newsOf(...events: readonly PoolEvent[]): readonly News[] {
  const told: News[] = [];
  const news = new PoolNews('web', (each) => told.push(each));
  for (const event of events) news.heard(event);
  return told;
}

const BACKEND = 'a:80';
const ASIDE = { type: 'aside', backend: BACKEND, code: 'ECONNREFUSED', failTimeoutMs: 10_000, isNews: true } as const;
const TRIAL = { type: 'trial', backend: BACKEND } as const;
const READMITTED = { type: 'readmitted', backend: BACKEND } as const;

function wordsOf(news: readonly News[]): readonly string[] {
  return news.map((each) => ('what' in each ? each.what : each.type));
}

test('what befalls a backend has its reason, on one line', () => {
  const health = { isLive: false, state: 'down', reason: 'answered\n500', consecutive: 1, durationMs: 1 } as const;
  assert.deepEqual(newsOf({ type: 'down', backend: BACKEND, health }, { type: 'panic', live: 1, backends: 3 }), [
    { type: 'backend', server: 'web', backend: BACKEND, what: 'down', reason: 'answered 500' },
    { type: 'server', server: 'web', what: 'panic' },
  ]);
  const [state] = newsOf({ type: 'state', backend: BACKEND, state: 'draining', isByHand: true });
  assert.ok(state?.type === 'backend' && state.reason === 'draining by hand');
  const [lost] = newsOf({ type: 'unresolved', backend: BACKEND, error: new Error('ENOTFOUND') });
  assert.ok(lost?.type === 'backend' && lost.reason === 'ENOTFOUND');
});

test('a backend that is tried again and again is told of once', () => {
  const again = { ...ASIDE, isNews: false };
  const events = [ASIDE, TRIAL, again, TRIAL, again, TRIAL, READMITTED, ASIDE, TRIAL];
  assert.deepEqual(wordsOf(newsOf(...events)), ['aside', 'trial', 'readmitted', 'aside', 'trial']);
});
