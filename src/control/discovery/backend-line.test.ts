import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { type BackendSpec, backendKey } from '../../core/backend.ts';
import { parseBackendLine } from './backend-line.ts';

function backend(line: string): BackendSpec | undefined {
  const reading = parseBackendLine(line);
  return 'value' in reading ? reading.value : undefined;
}

const PLAIN = { weight: 1, priority: 1, maxConnections: 0 };

describe('a backend', () => {
  const GOOD: readonly [line: string, spec: BackendSpec][] = [
    ['localhost:80', { target: { host: 'localhost', port: 80 }, ...PLAIN }],
    ['192.168.56.2:80 weight=2 priority=1', { ...PLAIN, target: { host: '192.168.56.2', port: 80 }, weight: 2 }],
    ['a:1 priority=2 weight=0', { target: { host: 'a', port: 1 }, weight: 0, priority: 2, maxConnections: 0 }],
    ['  a:1\t max_connections=5  ', { ...PLAIN, target: { host: 'a', port: 1 }, maxConnections: 5 }],
    ['a:1 weight = 3 priority= 4', { ...PLAIN, target: { host: 'a', port: 1 }, weight: 3, priority: 4 }],
    ['[::1]:80', { target: { host: '::1', port: 80 }, ...PLAIN }],
    ['unix:/run/a.sock weight=2', { ...PLAIN, target: { path: '/run/a.sock' }, weight: 2 }],
    ['under_score.example.:80', { target: { host: 'under_score.example.', port: 80 }, ...PLAIN }],
    [
      '192.168.56.2:80 weight=1 max_fails=3 fail_timeout=10s',
      { ...PLAIN, target: { host: '192.168.56.2', port: 80 }, maxFails: 3, failTimeoutMs: 10_000 },
    ],
    ['a:1 max_fails=0 state=enabled', { ...PLAIN, target: { host: 'a', port: 1 }, maxFails: 0, state: 'enabled' }],
    [
      'a:1 sni=www.example.org,x.test alpn=h2,http/1.1 sni=y.test',
      {
        ...PLAIN,
        target: { host: 'a', port: 1 },
        sni: ['www.example.org,x.test', 'y.test'],
        alpn: ['h2', 'http/1.1'],
      },
    ],
    ['a:1 sni=""', { ...PLAIN, target: { host: 'a', port: 1 }, sni: [''] }],
    ['a:1 state = draining', { ...PLAIN, target: { host: 'a', port: 1 }, state: 'draining' }],
    [
      'a:1 fail_timeout=1m30s state=disabled',
      { ...PLAIN, target: { host: 'a', port: 1 }, failTimeoutMs: 90_000, state: 'disabled' },
    ],
  ];
  for (const [line, spec] of GOOD) {
    test(JSON.stringify(line), () => assert.deepEqual(backend(line), spec));
  }

  /** Each with the words that the faults point at. */
  const BAD: readonly [line: string, at: readonly string[]][] = [
    ['', ['']],
    ['a', ['']],
    ['a:0', ['0']],
    ['a:65536 weight=1', ['65536 weight=1']],
    [':80', [':80']],
    ['*:80', ['*:80']],
    ['300.1.1.1:80', ['300.1.1.1:80']],
    ['::1:80', ['::1:80']],
    ['[::g]:80', ['::g]:80']],
    ['tcp://a:80', ['tcp://a:80']],
    ['a:80 wieght=1', ['wieght=1']],
    ['a:80 weight=1  weight=2', ['weight=2']],
    ['a:80 weight', ['weight']],
    ['a:80 weight=', ['']],
    ['a:80 weight=-1 priority=1.5', ['-1 priority=1.5', '1.5']],
    ['a:80 sni= ', ['']],
    ['a:80 alpn=h2,', ['h2,']],
    ['a:x foo bar=1', ['x foo bar=1', 'foo bar=1', 'bar=1']],
    ['a:80 weight=1000001', ['1000001']],
    ['a:80 max_fails=1001 fail_timeout=0', ['1001 fail_timeout=0', '0']],
    ['a:80 fail_timeout=10 state=down', ['10 state=down', 'down']],
    ['a:80 state', ['state']],
    ['a:80 down', ['down']],
    ['a:80 constructor state=constructor', ['constructor state=constructor', 'constructor']],
  ];
  for (const [line, at] of BAD) {
    test(`not ${JSON.stringify(line)}`, () => {
      const reading = parseBackendLine(line);
      assert.ok('faults' in reading);
      assert.deepEqual(
        reading.faults.map(({ offset }) => line.slice(offset ?? 0)),
        at,
      );
    });
  }
});

test('options come in any order and with any blanks', () => {
  const blanks = fc.stringMatching(/^[ \t]{1,3}$/);
  const options = fc.record({ weight: fc.nat(1000), priority: fc.nat(1000), max_connections: fc.nat(1000) });
  const order = fc.shuffledSubarray(['weight', 'priority', 'max_connections'] as const, { minLength: 3 });
  fc.assert(
    fc.property(options, order, blanks, (values, names, blank) => {
      const line = ['a:1', ...names.map((name) => `${name}=${values[name]}`)].join(blank);
      const { weight, priority, max_connections: maxConnections } = values;
      assert.deepEqual(backend(line), { target: { host: 'a', port: 1 }, weight, priority, maxConnections });
    }),
  );
});

test('the key of a backend is read as the same backend', () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65535 }), (host, port) => {
      const target = { host, port };
      assert.deepEqual(backend(backendKey({ target }))?.target, target);
    }),
  );
});

test('no line makes the parser throw, and every fault points into the line', () => {
  const word = fc.constantFrom(
    'a:80',
    '[::1]:80',
    'unix:/x',
    'weight',
    '=',
    '1',
    'weight=1',
    'sni=x',
    ' ',
    '\t',
    '=1',
    ':',
  );
  const line = fc.oneof(
    fc.constantFrom('[]', '[', ']', '[a]', '[::1]', ':'),
    fc.string(),
    fc.array(word).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(line, (text) => {
      const reading = parseBackendLine(text);
      if ('value' in reading) return;
      assert.ok(reading.faults.length > 0);
      for (const { offset = 0 } of reading.faults) assert.ok(offset >= 0 && offset <= text.length);
    }),
    { numRuns: 1000 },
  );
});
