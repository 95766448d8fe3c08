import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FakeEngine } from '../../../test/helpers/fakes/fake-engine.ts';
import { AccessLog, jsonLine, textLine, type AccessEntry } from './access-log.ts';

const ENTRY: AccessEntry = {
  server: 'web',
  client: '192.0.2.7:50312',
  backend: '192.168.56.3:80',
  tried: ['192.168.56.2:80', '[2001:db8::1]:80'],
  cause: '--',
  rxBytes: 1_234,
  txBytes: 56,
  queueMs: 0,
  connectMs: 0.4,
  totalMs: 12.5,
  serverActive: 3,
  backendActive: 1,
};
const REFUSED: AccessEntry = { ...ENTRY, backend: undefined, tried: [], cause: 'PC' };
const TIME = new Date('2026-01-31T13:05:09.120Z');

test('a line of JSON', () => {
  assert.equal(
    jsonLine(TIME, ENTRY),
    '{"time":"2026-01-31T13:05:09.120Z","server":"web","client":"192.0.2.7:50312","backend":"192.168.56.3:80",' +
      '"tried":["192.168.56.2:80","[2001:db8::1]:80"],"cause":"--","rxBytes":1234,"txBytes":56,"queueMs":0,' +
      '"connectMs":0.4,"totalMs":12.5,"serverActive":3,"backendActive":1}\n',
  );
  assert.match(jsonLine(TIME, REFUSED), /"backend":null,"tried":\[\],"cause":"PC"/);
});

test('a line of text', () => {
  assert.equal(
    textLine(TIME, ENTRY),
    '2026-01-31T13:05:09.120Z server=web client=192.0.2.7:50312 backend=192.168.56.3:80' +
      ' tried=192.168.56.2:80,[2001:db8::1]:80 cause=-- rx=1234 tx=56 queue_ms=0 connect_ms=0.4 total_ms=12.5' +
      ' server_active=3 backend_active=1\n',
  );
  assert.match(textLine(TIME, REFUSED), / backend=- tried=- cause=PC /);
  assert.match(textLine(TIME, { ...ENTRY, unacknowledgedBytes: 7 }), / backend_active=1 unacknowledged_bytes=7\n$/);
});

test('a server’s name is one word of one line, whatever it is', () => {
  for (const [name, word] of [
    ['web-1.example:80/x', 'web-1.example:80/x'],
    ['two words', '"two words"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['a=b', '"a=b"'],
    ['-', '-'],
    ['', '""'],
    ['line\nfeed', '"line\\nfeed"'],
  ] as const) {
    assert.ok(textLine(TIME, { ...ENTRY, server: name }).includes(` server=${word} client=`), name);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (server) => {
      const text = textLine(TIME, { ...ENTRY, server });
      assert.equal(text.indexOf('\n'), text.length - 1);
      const found = /^\S+ server=("(?:[^"\\]|\\.)*"|[^\s"]+) client=192\.0\.2\.7:50312 /u.exec(text)?.[1] ?? '';
      assert.equal(found.startsWith('"') ? JSON.parse(found) : found, server);
      const json = jsonLine(TIME, { ...ENTRY, server });
      assert.equal(json.indexOf('\n'), json.length - 1);
      assert.equal((JSON.parse(json) as AccessEntry).server, server);
    }),
  );
});

function logging(format: 'json' | 'text' | undefined) {
  const engine = new FakeEngine();
  const posted: string[] = [];
  const log = new AccessLog(engine, (lines) => posted.push(lines), format);
  return { clock: engine.clock, posted, log };
}

/** How many lines each batch had. */
function counts(posted: readonly string[]): readonly number[] {
  return posted.map((lines) => lines.split('\n').length - 1);
}

test('lines leave together after 200 ms, and the timer stops when there are no more', () => {
  const { clock, posted, log } = logging('text');
  assert.equal(clock.timers, 0);
  for (let i = 0; i < 3; i++) log.add(ENTRY);
  assert.deepEqual([posted, clock.timers], [[], 1]);
  clock.advance(199);
  assert.deepEqual(posted, []);
  clock.advance(1);
  assert.deepEqual(counts(posted), [3]);
  log.add(ENTRY);
  clock.advance(200);
  assert.deepEqual(counts(posted), [3, 1]);
  clock.advance(200);
  assert.deepEqual([counts(posted), clock.timers], [[3, 1], 0]);
  log.add(ENTRY);
  clock.advance(200);
  assert.deepEqual(counts(posted), [3, 1, 1]);
});

test('a batch of 64 KiB does not wait for the timer', () => {
  const { posted, log } = logging('json');
  const perBatch = Math.ceil((64 * 1024) / jsonLine(TIME, ENTRY).length);
  for (let i = 1; i < perBatch; i++) log.add(ENTRY);
  assert.deepEqual(posted, []);
  log.add(ENTRY);
  assert.deepEqual(counts(posted), [perBatch]);
  log.flush();
  assert.equal(posted.length, 1, 'nothing is left');
});

test('it is off without a format, and keeps what was written when the format changes', () => {
  const { clock, posted, log } = logging(undefined);
  assert.ok(!log.isOn);
  log.add(ENTRY);
  assert.equal(clock.timers, 0);
  log.setFormat('json');
  assert.ok(log.isOn);
  log.add(ENTRY);
  log.setFormat('text');
  log.add(ENTRY);
  log.setFormat(undefined);
  log.add(ENTRY);
  log.flush();
  assert.equal(posted.length, 2);
  assert.match(posted[0] ?? '', /^\{"time":"/);
  assert.match(posted[1] ?? '', /^\S+ server=web /);
  clock.advance(10_000);
  assert.deepEqual([posted.length, clock.timers], [2, 0]);
});

test('a line has the time at which its connection ended', () => {
  const { posted, log } = logging('json');
  const before = Date.now();
  log.add(ENTRY);
  log.flush();
  const { time } = JSON.parse(posted[0] ?? '') as { time: string };
  assert.ok(Date.parse(time) >= before && Date.parse(time) <= Date.now());
});

test('what a PROXY header told stands in both forms, quoted where it could be taken for more than a word', () => {
  const entry = { ...ENTRY, peer: '10.0.0.1:4000', uniqueId: 'a b', authority: 'www.example.test' };
  assert.match(textLine(TIME, entry), / peer=10\.0\.0\.1:4000 unique_id="a b" authority=www\.example\.test\n$/);
  const { peer, uniqueId, authority } = JSON.parse(jsonLine(TIME, entry)) as typeof entry;
  assert.deepEqual([peer, uniqueId, authority], ['10.0.0.1:4000', 'a b', 'www.example.test']);
});
