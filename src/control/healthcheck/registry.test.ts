import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { systemClock } from '../../core/clock.ts';
import { Dialer } from '../../io/dialer.ts';
import { createHealthcheck, healthchecks, healthcheckSchema, NO_HEALTHCHECK } from './registry.ts';

const SETTINGS = {
  intervalMs: 2_000,
  fastIntervalMs: 500,
  timeoutMs: 2_000,
  passes: 1,
  fails: 1,
  initialStatus: 'healthy',
};

test('every file that defines a kind is in the registry under its own name', () => {
  const folder = fileURLToPath(new URL('./', import.meta.url));
  const files = readdirSync(folder).filter((file) => /(?<!\.test)\.[jt]s$/.test(file));
  const defining = files.filter((file) => readFileSync(folder + file, 'utf8').includes('= defineHealthcheck('));
  assert.deepEqual(
    Object.keys(healthchecks),
    defining.map((file) => file.replace(/\.[jt]s$/, '')),
  );
  for (const [name, { kind }] of Object.entries(healthchecks)) assert.equal(kind, name);
});

describe('the configuration of a kind', () => {
  const CONFIGS: readonly [values: Record<string, unknown>, own: Record<string, unknown>][] = [
    [{ kind: 'ping' }, {}],
    [
      { kind: 'probe', probe_protocol: 'tcp', probe_send: 'A\\n', probe_recv: '\\x01' },
      {
        protocol: 'tcp',
        send: 'A\\n',
        receive: '\\x01',
        strategy: 'starts_with',
        receiveBytes: 0,
      },
    ],
    [
      { kind: 'exec', exec_command: '/bin/a b', exec_expected_positive_output: '1' },
      { command: ['/bin/a b'], positive: '1' },
    ],
    [{ kind: 'http' }, { method: 'GET', path: '/', statuses: [[200, 399]] }],
    [
      { kind: 'http', http_tls: true, http_tls_ignore_verify: true, http_tls_server_name: 'a.b' },
      { method: 'GET', path: '/', statuses: [[200, 399]], tls: { serverName: 'a.b', isVerified: false } },
    ],
  ];
  for (const [values, own] of CONFIGS) {
    test(JSON.stringify(values), () => {
      const config = healthcheckSchema.parse({ interval: '2s', ...values });
      assert.deepEqual(config, { kind: values['kind'], ...SETTINGS, ...own });
      assert.deepEqual(structuredClone(config), config, 'plain data');
      createHealthcheck(config, { dialer: new Dialer(systemClock) });
    });
  }

  test('of none needs no interval', () => {
    assert.deepEqual(NO_HEALTHCHECK, { kind: 'none', ...SETTINGS, intervalMs: 0, fastIntervalMs: 0, timeoutMs: 0 });
  });

  test('takes a count of 0 for 1, as gobetween does', () => {
    const { passes, fails } = healthcheckSchema.parse({ kind: 'ping', interval: '2s', passes: 0, fails: 0 });
    assert.deepEqual([passes, fails], [1, 1]);
  });
});

test('a check of no kind passes', async () => {
  const check = createHealthcheck(NO_HEALTHCHECK, { dialer: new Dialer(systemClock) });
  await check.check({ target: { host: 'nowhere.invalid', port: 1 }, addresses: [] }, new AbortController().signal);
});
