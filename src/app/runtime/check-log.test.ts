import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Health } from '../../core/healthcheck.ts';
import type { Logger } from '../../log/log.ts';
import { CheckLog } from './check-log.ts';

const HEALTH: Health = { isLive: true, state: 'up', reason: 'passed', consecutive: 3, durationMs: 1.26 };

test('an inconclusive check is a warning once, until checks have a result; all else is level debug', () => {
  const said: [string, string, unknown][] = [];
  const say = (level: string) => (fields: { backend: string }, message: string) =>
    said.push([level, message, fields.backend]);
  const log = new CheckLog({ warn: say('warn'), debug: say('debug') } as unknown as Logger, 'web');
  for (const outcome of ['passed', 'inconclusive', 'inconclusive', 'failed', 'inconclusive'] as const) {
    log.checked('a:80', HEALTH, { outcome, reason: '' });
  }
  log.checked('b:80', HEALTH, { outcome: 'inconclusive', reason: '' });
  const lack = { shortage: 'ports', code: 'EADDRNOTAVAIL' } as const;
  log.checked('c:80', HEALTH, { outcome: 'inconclusive', reason: '', lack });
  const [warned, debugged] = ['backend check inconclusive', 'backend checked'];
  assert.deepEqual(said, [
    ['debug', debugged, 'a:80'],
    ['warn', warned, 'a:80'],
    ['debug', debugged, 'a:80'],
    ['debug', debugged, 'a:80'],
    ['warn', warned, 'a:80'],
    ['warn', warned, 'b:80'],
    ['debug', debugged, 'c:80'],
  ]);
});
