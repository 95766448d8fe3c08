import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { EventParser } from './event-parser.ts';

const STREAM = [
  'retry: 2000\n',
  ': heartbeat\n\n',
  'event: snapshot\ndata: {"a":1}\n\n',
  'id: 7\nevent: change\r\ndata:two\r\ndata: lines\r\n\r\n',
  'data\n\n',
  'event: empty\n\n',
  'data: last\n\n',
  'data: unfinished\n',
].join('');

const EVENTS = [
  { type: 'snapshot', data: '{"a":1}', id: '' },
  { type: 'change', data: 'two\nlines', id: '7' },
  { type: 'message', data: '', id: '7' },
  { type: 'message', data: 'last', id: '7' },
];

test('events are read as the standard has them', () => {
  assert.deepEqual(new EventParser().feed(STREAM), EVENTS);
});

test('it does not matter where the chunks end', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length)), (cuts) => {
      const parser = new EventParser();
      const ends = [0, ...cuts.toSorted((one, other) => one - other), STREAM.length];
      const read = ends.slice(1).flatMap((end, index) => parser.feed(STREAM.slice(ends[index], end)));
      assert.deepEqual(read, EVENTS);
    }),
  );
});

test('an event without an end does not fill the memory', () => {
  const parser = new EventParser();
  const part = 'x'.repeat(16 * 1024 * 1024);
  for (let count = 0; count < 4; count++) parser.feed(part);
  assert.throws(() => parser.feed(part), RangeError);
});
