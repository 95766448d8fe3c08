import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { ipOf, ipv4Of } from './ip-text.ts';
import { isQuestionable, type Question, questionBytes, readAnswer } from './message.ts';

const QUESTION: Question = { name: 'web.test', family: 4 };

/** An answer to the question, with the records that follow it. */
function answer(records: string, { count = 1, flags = 0x8180, id = 7 } = {}): Buffer {
  const bytes = Buffer.concat([questionBytes(id, QUESTION), Buffer.from(records, 'hex')]);
  bytes.writeUInt16BE(flags, 2);
  bytes.writeUInt16BE(count, 6);
  return bytes;
}

/** Of the name of the question, 192.0.2.1 for 16 s. */
const RECORD = 'c00c000100010000001000 04c0000201'.replace(' ', '');

test('an answer has its addresses, each once, and their time to live', () => {
  const read = readAnswer(answer(RECORD + RECORD, { count: 2 }), 7, QUESTION);
  assert.deepEqual(read, { rcode: 0, isTruncated: false, isReferral: false, addresses: ['192.0.2.1'], ttl: 16 });
});

test('what answers another question is no answer', () => {
  assert.equal(readAnswer(answer(RECORD, { id: 8 }), 7, QUESTION), undefined);
  assert.equal(readAnswer(answer(RECORD, { flags: 0x0100 }), 7, QUESTION), undefined, 'a question');
  assert.equal(readAnswer(answer(RECORD), 7, { ...QUESTION, name: 'bad.test' }), undefined);
  assert.equal(readAnswer(answer(RECORD), 7, { ...QUESTION, family: 6 }), undefined);
  assert.equal(readAnswer(answer(RECORD), 7, { ...QUESTION, name: 'WEB.Test' })?.addresses.length, 1);
});

test('records of another name do not count, and a time with its highest bit set is none', () => {
  const other = `03626164${RECORD}`;
  assert.deepEqual(readAnswer(answer(other), 7, QUESTION)?.addresses, []);
  assert.equal(readAnswer(answer(RECORD.replace('00000010', '80000001')), 7, QUESTION)?.ttl, 0);
});

test('aliases that go round in circles, and names that do, end', () => {
  // web.test is an alias of itself.
  const circle = 'c00c000500010000001000 02c00c'.replace(' ', '');
  assert.deepEqual(readAnswer(answer(circle), 7, QUESTION)?.addresses, []);
  // A name of one label and a pointer to this label.
  const endless = `0161c01a${RECORD.slice(4)}`;
  assert.equal(readAnswer(answer(endless), 7, QUESTION), undefined);
});

test('no bytes at all make it throw', () => {
  const junk = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
  fc.assert(fc.property(junk, (bytes) => void readAnswer(bytes, 7, QUESTION)));
  fc.assert(
    fc.property(fc.nat(60), fc.nat(255), fc.nat(80), (at, value, length) => {
      const bytes = answer(RECORD);
      if (at < bytes.length) bytes[at] = value;
      void readAnswer(bytes.subarray(0, length), 7, QUESTION);
    }),
  );
});

test('a name has labels of 1 to 63 bytes, and 253 in all', () => {
  const label = 'x'.repeat(63);
  for (const name of ['a', 'a.b', `${label}.${label}.${label}.${'x'.repeat(61)}`])
    assert.ok(isQuestionable(name), name);
  for (const name of ['', '.', 'a..b', `${label}x`, `${label}.${label}.${label}.${'x'.repeat(62)}`])
    assert.ok(!isQuestionable(name), name);
});

test('addresses are written as inet_ntop does, and read as inet_aton does', () => {
  const texts = ['::', '::1', '1::', '2001:db8::1', '2001:db8:0:1:1:1:1:1', '1:0:0:2::3', '::ffff:192.0.2.1'];
  for (const text of texts) assert.equal(ipOf(bytesOf(text)), text);
  assert.equal(ipOf(Buffer.from([192, 0, 2, 1])), '192.0.2.1');
  const aton = {
    '127.1': '127.0.0.1',
    '010.0.0.1': '8.0.0.1',
    '1.2.772': '1.2.3.4',
    '0': '0.0.0.0',
    '4294967295': '255.255.255.255',
  };
  for (const [text, ip] of Object.entries(aton)) assert.equal(ipv4Of(text), ip);
  for (const text of ['', '1.2.3.4.5', '256.1', '08', '0x', '1.2.65536', '4294967296', '1..2', 'web'])
    assert.equal(ipv4Of(text), undefined);
});

function bytesOf(text: string): Buffer {
  const whole = text.replace('192.0.2.1', 'c000:201');
  const [head = '', tail] = whole.split('::');
  const groups = (part: string) => part.split(':').filter((group) => group !== '');
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return Buffer.from([...first, ...zeros, ...last].map((group) => group.padStart(4, '0')).join(''), 'hex');
}
