import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Inquiries } from './inquiries.ts';

test('each gets its own answer, in whatever order they come; what nobody asked is dropped', async () => {
  const inquiries = new Inquiries<string>();
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
  const inquiries = new Inquiries<string>();
  const before = inquiries.ask(() => undefined);
  inquiries.close();
  let sent = 0;
  const after = inquiries.ask(() => (sent += 1));
  assert.deepEqual([await before, await after, sent], [undefined, undefined, 0]);
});
