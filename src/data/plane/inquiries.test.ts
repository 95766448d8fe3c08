import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { Inquiries } from './inquiries.ts';

test('each gets its own answer, in whatever order they come; what nobody asked is dropped', async () => {
  const inquiries = new Inquiries<string>(new FakeClock());
  const requests: number[] = [];
  const asked = [0, 1, 2].map(() => inquiries.ask((request) => requests.push(request)));
  inquiries.answered(99, 'to nobody');
  for (const request of requests.toReversed()) inquiries.answered(request, `answer ${request}`);
  assert.deepEqual(
    await Promise.all(asked),
    requests.map((request) => `answer ${request}`),
  );
});

test('nobody waits for one that has ended, be it asked before or after', async () => {
  const inquiries = new Inquiries<string>(new FakeClock());
  const before = inquiries.ask(() => undefined);
  inquiries.close();
  let sent = 0;
  const after = inquiries.ask(() => (sent += 1));
  assert.deepEqual([await before, await after, sent], [undefined, undefined, 0]);
});

test('nobody waits for one that is silent, and nothing of the question is kept', async () => {
  const clock = new FakeClock();
  const inquiries = new Inquiries<string>(clock);
  let late = 0;
  const asked = [inquiries.ask((request) => (late = request)), inquiries.ask(() => undefined)];
  const silent = asked.map((each) => assert.rejects(each, { code: 'TSLB_THREAD_SILENT' }));
  clock.advance(10_000);
  await Promise.all(silent);
  assert.deepEqual([inquiries.open, clock.timers], [0, 0]);
  inquiries.answered(late, 'too late');
  const answered = inquiries.ask((request) => inquiries.answered(request, 'in time'));
  assert.equal(await answered, 'in time');
  assert.deepEqual([inquiries.open, clock.timers], [0, 0]);
});
