import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import type { ThreadReport } from './messages.ts';
import { ThreadLog } from './thread-log.ts';

function logging(isDebug = false) {
  const clock = new FakeClock();
  const reports: ThreadReport[] = [];
  const log = new ThreadLog(
    (report) => reports.push(report),
    () => clock.now(),
    isDebug,
  );
  return { clock, reports, log };
}

test('records go to the control plane with level, message and fields', () => {
  const { reports, log } = logging(true);
  for (const level of ['debug', 'info', 'warn', 'error'] as const)
    log[level](`a ${level}`, { server: 'web', count: 1 });
  assert.deepEqual(
    reports,
    ['debug', 'info', 'warn', 'error'].map((level) => ({
      type: 'log',
      level,
      message: `a ${level}`,
      fields: { server: 'web', count: 1 },
      isThrottled: false,
    })),
  );
});

test('debug is silent unless it is on', () => {
  const { reports, log } = logging();
  log.debug('no', {});
  log.isDebug = true;
  log.debug('yes', {});
  log.isDebug = false;
  log.debug('no', {});
  assert.deepEqual(
    reports.map((report) => report.type === 'log' && report.message),
    ['yes'],
  );
});

test('what is throttled is said once in ten seconds for each message, server and reason', () => {
  const { clock, reports, log } = logging();
  const say = (server: string, reason: string, message = 'm') => log.throttled('warn', message, { server, reason });
  for (let second = 0; second < 10; second++) {
    say('a', 'full');
    clock.advance(1_000);
  }
  assert.equal(reports.length, 1);
  say('a', 'full');
  assert.equal(reports.length, 2, 'ten seconds have passed since it was said');
  clock.advance(9_999);
  say('a', 'full');
  assert.equal(reports.length, 2);
  say('b', 'full');
  say('a', 'empty');
  say('a', 'full', 'other');
  log.throttled('warn', 'm', { server: 'a' });
  assert.equal(reports.length, 6);
});
