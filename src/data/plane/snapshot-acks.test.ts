import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock, turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { SnapshotAcks } from './snapshot-acks.ts';

const [WEB, DNS] = [1, 2];

function acknowledging() {
  const clock = new FakeClock();
  const applied = new Map<number, number>();
  const acks = new SnapshotAcks(clock, (server, version) => (applied.get(server) ?? 0) >= version);
  const done: string[] = [];
  const wait = (server: number, version: number) =>
    acks.until(server, version).then(() => void done.push(`${server} ${version}`));
  const apply = async (server: number, version: number) => {
    applied.set(server, version);
    acks.check();
    await turn();
    return done.splice(0);
  };
  return { clock, acks, wait, apply, done };
}

test('each waits for its own snapshot, or a later one, of its own server', async () => {
  const { clock, wait, apply } = acknowledging();
  const all = [wait(WEB, 2), wait(WEB, 3), wait(DNS, 2)];
  assert.deepEqual(await apply(WEB, 1), []);
  assert.deepEqual(await apply(WEB, 2), ['1 2']);
  assert.deepEqual(await apply(DNS, 9), ['2 2']);
  assert.deepEqual(await apply(WEB, 4), ['1 3']);
  await wait(WEB, 4);
  await Promise.all(all);
  assert.equal(clock.timers, 0);
});

test('no change waits for a silent thread, nor after the end', async () => {
  const { clock, acks, wait, done } = acknowledging();
  const silent = assert.rejects(wait(WEB, 1), { code: 'TSLB_THREAD_SILENT' });
  clock.advance(9_999);
  const late = wait(WEB, 1);
  clock.advance(1);
  await silent;
  acks.close();
  await late;
  assert.deepEqual([done, clock.timers], [['1 1'], 0]);
});
