import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { SnapshotPublisher } from './snapshot-publisher.ts';

const [WEB, DNS] = [1, 2];

function publishing() {
  const clock = new FakeClock();
  const sent: string[] = [];
  const publisher = new SnapshotPublisher(clock, (server, { version }) => sent.push(`${server} ${version}`));
  const publish = (server: number, version: number) => publisher.publish(server, { version, backends: [] });
  return { clock, sent, publisher, publish };
}

/** As many as go at once. */
const AT_ONCE = [1, 2, 3, 4, 5, 6, 7, 8];

test('a few go at once, of those that follow closely the last, and each server has its own pace', () => {
  const { clock, sent, publisher, publish } = publishing();
  for (let version = 1; version <= 1_000; version++) publish(WEB, version);
  publish(DNS, 7);
  assert.deepEqual(sent.splice(0), [...AT_ONCE.map((version) => `1 ${version}`), '2 7']);
  assert.equal(publisher.newest(WEB)?.version, 1_000);
  clock.advance(49);
  assert.deepEqual(sent.splice(0), []);
  clock.advance(1);
  assert.deepEqual(sent.splice(0), ['1 1000']);
  publish(WEB, 1_001);
  assert.deepEqual(sent.splice(0), ['1 1001']);
  clock.advance(50);
  assert.deepEqual([sent, clock.timers], [[], 0]);
});

test('what has to come after it comes right after it', () => {
  const { clock, sent, publisher, publish } = publishing();
  for (const version of AT_ONCE) publish(WEB, version);
  sent.splice(0);
  publisher.afterNewest(WEB, () => sent.push('at once'));
  publish(WEB, 9);
  publisher.afterNewest(WEB, () => sent.push('after 10'));
  publish(WEB, 10);
  publisher.afterNewest(DNS, () => sent.push('nothing to wait for'));
  assert.deepEqual(sent.splice(0), ['at once', 'nothing to wait for']);
  clock.advance(50);
  assert.deepEqual(sent, ['1 10', 'after 10']);
});

test('a wait for all of them is a wait for the last of each server', async () => {
  const { clock, sent, publisher, publish } = publishing();
  await publisher.sent();
  for (const version of [...AT_ONCE, 9]) publish(WEB, version);
  clock.advance(20);
  for (const version of [...AT_ONCE, 9]) publish(DNS, version);
  void publisher.sent().then(() => sent.push('all'));
  clock.advance(30);
  await turn();
  assert.deepEqual(sent.splice(2 * AT_ONCE.length), ['1 9']);
  clock.advance(20);
  await turn();
  assert.deepEqual(sent.splice(2 * AT_ONCE.length), ['2 9', 'all']);
});

test('nothing is sent, and no timer left, of one that is forgotten or after a stop; no change waits for it', async () => {
  const { clock, sent, publisher, publish } = publishing();
  for (const version of [...AT_ONCE, 9]) publish(WEB, version);
  let isRun = false;
  publisher.afterNewest(WEB, () => (isRun = true));
  const allSent = publisher.sent();
  publisher.forget(WEB);
  await allSent;
  assert.deepEqual([isRun, publisher.newest(WEB)], [true, undefined]);
  for (const version of [...AT_ONCE, 9]) publish(DNS, version);
  publisher.stop();
  assert.deepEqual([sent.length, clock.timers, publisher.servers], [2 * AT_ONCE.length, 0, []]);
});
