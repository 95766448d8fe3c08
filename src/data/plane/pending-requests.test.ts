import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { PendingRequests } from './pending-requests.ts';

test('each gets its own answer, in whatever order they come; an answer without a request is dropped', async () => {
  const pending = new PendingRequests<string>(new FakeClock());
  const requests: number[] = [];
  const asked = [0, 1, 2].map(() => pending.ask((request) => requests.push(request)));
  pending.answered(99, 'to nobody');
  for (const request of requests.toReversed()) pending.answered(request, `answer ${request}`);
  assert.deepEqual(
    await Promise.all(asked),
    requests.map((request) => `answer ${request}`),
  );
});

test('no request waits for a thread that has ended, be it asked before or after', async () => {
  const pending = new PendingRequests<string>(new FakeClock());
  const before = pending.ask(() => undefined);
  pending.close();
  let sent = 0;
  const after = pending.ask(() => (sent += 1));
  assert.deepEqual([await before, await after, sent], [undefined, undefined, 0]);
});

test('no request waits for a silent thread, and nothing of it is kept', async () => {
  const clock = new FakeClock();
  const pending = new PendingRequests<string>(clock);
  let late = 0;
  const asked = [pending.ask((request) => (late = request)), pending.ask(() => undefined)];
  const silent = asked.map((each) => assert.rejects(each, { code: 'TSLB_THREAD_SILENT' }));
  clock.advance(10_000);
  await Promise.all(silent);
  assert.deepEqual([pending.open, clock.timers], [0, 0]);
  pending.answered(late, 'too late');
  const answered = pending.ask((request) => pending.answered(request, 'in time'));
  assert.equal(await answered, 'in time');
  assert.deepEqual([pending.open, clock.timers], [0, 0]);
});
