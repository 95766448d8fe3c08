import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import {
  SAMPLE_AT,
  SAMPLE_INFO,
  sampleBackend,
  sampleConnection,
  sampleServer,
  sampleSnapshot,
} from '../../../test/helpers/fakes/api-samples.ts';
import { widthOf } from '../text/columns.ts';
import { styleFor } from '../text/style.ts';
import { pressed } from './keys.ts';
import { screenOf } from './screen.ts';
import { initialState, type Size, type TopState } from './state.ts';
import { type TopEvent, updated } from './update.ts';

const PLAIN = styleFor(false);

const SNAPSHOT = sampleSnapshot(
  sampleServer(
    'web',
    [
      sampleBackend('10.0.0.1:80', {
        active: 12,
        peak: 40,
        weight: 3,
        weight_override: true,
        max_connections: 100,
        rates: { connections: 345, peak_connections: 400, rx: 3_565_158, tx: 2048 },
      }),
      sampleBackend('10.0.0.2:80', {
        status: 'down',
        refused: 7,
        health: { state: 'down', live: false, reason: 'connection refused' },
      }),
    ],
    { active: 12, waiting: 2, no_backend: 1, max_connections: 2500 },
  ),
  sampleServer('日本語のサーバー', []),
);

function stateOf(size: Size, ...news: readonly TopEvent[]): TopState {
  return news.reduce(updated, initialState('http://127.0.0.1:8888', size));
}

const WIDE = { columns: 140, rows: 14 };
const FULL = stateOf(WIDE, { type: 'info', info: SAMPLE_INFO }, { type: 'snapshot', snapshot: SNAPSHOT });

function screen(state: TopState, now = SAMPLE_AT): readonly string[] {
  return screenOf(state, now, PLAIN).map((line) => line.trimEnd());
}

describe('the screen', () => {
  test('has figures of the process, servers with their backends, and the keys', () => {
    const [title = '', process = '', traffic = '', ...rest] = screen(FULL);
    assert.match(
      title,
      /^tslb 0\.1\.0 {2}epoll {2}2 threads {2}up 3h 5m {2}pid 4711 {2}http:\/\/127\.0\.0\.1:8888 +live$/,
    );
    assert.equal(process, 'cpu 12 %   memory 89.0 MB   loop 1.2 ms   files 234/65.5k');
    assert.equal(traffic, 'connections 12   waiting 2   new/s 0   in/s 0 B   out/s 0 B   errors 8');
    assert.deepEqual(rest.slice(0, 5), [
      '  NAME▾            STATUS       CONN   PEAK  LIMIT  NEW/S      IN/S     OUT/S  WAIT ERRORS WEIGHT   SINCE REASON',
      '> web              1/2 up         12      0  2.50k      0       0 B       0 B     2      8',
      '    10.0.0.1:80    up             12     40    100    345   2.05 kB   3.57 MB            0     3*  2m 13s',
      '    10.0.0.2:80    down            0      0      ∞      0       0 B       0 B            7      1  2m 13s connection refused',
      '  日本語のサーバー 0/0 up          0      0      ∞      0       0 B       0 B     0      0',
    ]);
    assert.match(rest.at(-1) ?? '', /^q quit {2}\? help {2}N C S B E W sort {2}\/ filter/);
    assert.equal(rest.length + 3, WIDE.rows);
  });

  test('has datagrams where a server is of UDP', () => {
    const dns = sampleServer('dns', [sampleBackend('10.0.0.3:53', { tx_datagrams: 30, rx_datagrams: 20 })], {
      protocol: 'udp',
      tx_datagrams: 31,
      rx_datagrams: 21,
      drops: { full: 3, queue: 1 },
    });
    const snapshot = sampleSnapshot(sampleServer('web', []), dns);
    const [, , , ...lines] = screen(stateOf(WIDE, { type: 'snapshot', snapshot }));
    assert.deepEqual(
      lines.slice(0, 4).map((line) => line.slice(29)),
      [
        'CONN   PEAK  LIMIT  NEW/S      IN/S     OUT/S DGR IN DGR OUT  DROPS  WAIT ERRORS WEIGHT   SINCE REASON',
        '   0      0      ∞      0       0 B       0 B     31      21      4     0      0',
        '   0      0      ∞      0       0 B       0 B     30      20                   0      1  2m 13s',
        '   0      0      ∞      0       0 B       0 B                           0      0',
      ],
    );
  });

  test('leaves columns out where it is narrow, names and statuses last of all', () => {
    const [, , , titles, ...rows] = screen(updated(FULL, { type: 'size', size: { columns: 40, rows: 14 } }));
    assert.equal(titles, '  NAME▾            STATUS       CONN');
    assert.equal(rows[1], '    10.0.0.1:80    up             12');
    const [, , , middle = ''] = screen(updated(FULL, { type: 'size', size: { columns: 80, rows: 14 } }));
    assert.equal(middle, '  NAME▾            STATUS       CONN  LIMIT  NEW/S      IN/S     OUT/S ERRORS');
  });

  test('scrolls to the chosen row', () => {
    const small = updated(FULL, { type: 'size', size: { columns: 100, rows: 8 } });
    const { state } = pressed(small, { name: 'end' });
    const rows = screen(state).slice(4, 6);
    assert.match(rows[0] ?? '', /10\.0\.0\.2:80/);
    assert.match(rows[1] ?? '', /^> 日本語/);
  });

  test('says what the connection to the API is doing', () => {
    const waiting = screen(stateOf(WIDE));
    assert.match(waiting[0] ?? '', /^http:\/\/127\.0\.0\.1:8888 +connecting$/);
    assert.match(waiting[4] ?? '', /waiting for the first figures/);
    const lost = updated(FULL, {
      type: 'api-connection',
      apiConnection: { kind: 'lost', reason: 'nobody listens', since: SAMPLE_AT - 5000 },
    });
    assert.match(screen(lost)[0] ?? '', /connection lost 5s ago$/);
    assert.match(screen(lost).at(-2) ?? '', /^nobody listens; trying again$/);
    const narrow = updated(lost, { type: 'size', size: { columns: 40, rows: 14 } });
    assert.match(screen(narrow)[0] ?? '', /^connection lost 5s ago/);
  });

  test('tells the last change, and asks and answers in its place', () => {
    const change = { at: '2026-01-31T12:00:00.000Z', type: 'backend', server: 'web', backend: 'b:1', what: 'up' };
    const news = updated(FULL, { type: 'change', change });
    assert.match(screen(news).at(-2) ?? '', /^\d\d:\d\d:\d\d web\/b:1 is up$/);
    const { state } = pressed(pressed(news, { name: 'down' }).state, { text: 'd' });
    assert.match(screen(state).at(-2) ?? '', /^Drain web\/10\.0\.0\.1:80\? Then .* may finish\. y\/n$/);
    assert.equal(screen(state).at(-1), 'y yes  n no');
  });

  test('shows connections', () => {
    const opened = pressed(FULL, { text: 'c' }).state;
    assert.match(screen(opened)[4] ?? '', /asking/);
    const answer = { total: 700, connections: [sampleConnection('9', { queue_ms: 20, tried: ['10.0.0.2:80'] })] };
    const lines = screen(updated(opened, { type: 'connections', to: { server: 'web', sort: 'age' }, answer }));
    assert.match(lines[3] ?? '', /^ {2}CLIENT +AGE▾ +IN +OUT STAGE +BACKEND +QUEUED TRIED/);
    assert.match(
      lines[4] ?? '',
      /^> 192\.0\.2\.7:9 +5s +512 B +4\.10 kB connected +10\.0\.0\.1:80 +20 ms 10\.0\.0\.2:80$/,
    );
    assert.equal(lines.at(-2), 'web: 1 of 700 connections');
    const named = { total: 2, connections: [sampleConnection('9', { tls_name: 'a.test' }), sampleConnection('8')] };
    const [, , , titles = '', ...rows] = screen(
      updated(opened, { type: 'connections', to: { server: 'web', sort: 'age' }, answer: named }),
    );
    assert.match(titles, /BACKEND +TLS NAME +QUEUED/);
    assert.match(rows[0] ?? '', /10\.0\.0\.1:80 +a\.test +-/);
    assert.match(rows[1] ?? '', /10\.0\.0\.1:80 +- +-/);
  });

  test('has help', () => {
    const lines = screen(pressed(FULL, { text: '?' }).state);
    assert.equal(lines[3], 'Keys');
    assert.equal(lines.length, WIDE.rows);
  });

  test('tells a status by its word where there are no colours, and by both where there are', () => {
    const plain = screen(FULL).join('\n');
    assert.ok(!plain.includes('\x1b'));
    const colourful = screenOf(FULL, SAMPLE_AT, styleFor(true)).join('\n');
    assert.ok(colourful.includes('\x1b[31m down'));
  });

  test('shows what others have named, and does not obey it', () => {
    const name = 'a\x1b[2J\nb';
    const state = stateOf(WIDE, { type: 'snapshot', snapshot: sampleSnapshot(sampleServer(name, [])) });
    const lines = screenOf(state, SAMPLE_AT, PLAIN);
    assert.ok(lines.join('').includes(String.raw`a\u{1b}[2J\u{a}b`));
    assert.ok(lines.every((line) => !/\p{Cc}/u.test(line)));
  });

  test('has as many lines as the terminal, none too wide, whatever its size', () => {
    const states = [FULL, pressed(FULL, { text: 'c' }).state, pressed(FULL, { text: '?' }).state, stateOf(WIDE)];
    const sizes = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(fc.constantFrom(...states), sizes, (state, size) => {
        const lines = screenOf(updated(state, { type: 'size', size }), SAMPLE_AT, PLAIN);
        assert.equal(lines.length, size.rows);
        for (const line of lines) assert.ok(widthOf(line) <= size.columns, line);
      }),
    );
  });
});
