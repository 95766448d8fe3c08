import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { fakeControl, FakeStats, serverStats } from '../../../test/helpers/fakes/fake-control.ts';
import { backendStatus } from '../../../test/helpers/fakes/statuses.ts';
import { startV1 } from '../../../test/helpers/rigs/v1.ts';
import { type EventReader, readEvents } from '../../../test/helpers/sockets/events.ts';
import type { ControlEvent } from '../../core/events.ts';

function changed(what: string): ControlEvent {
  return { at: Date.UTC(2026, 0, 31), type: 'changed', by: 'test', what };
}

async function start(t: TestContext) {
  const control = fakeControl();
  const stats = new FakeStats([serverStats('web', [])]);
  const clock = new FakeClock();
  const { address } = await startV1(t, { control, stats, clock });
  const watch = (query = '', headers: Readonly<Record<string, string>> = {}): Promise<EventReader> =>
    readEvents(t, address, `/v1/events${query}`, headers);
  return { control, stats, clock, watch };
}

function whats(reader: EventReader): readonly unknown[] {
  return reader.events.flatMap(({ event, data }) => (event === 'change' ? [(data as { what: string }).what] : []));
}

describe('a stream of events', () => {
  test('begins with what has changed lately and the latest snapshot, and goes on with both', async (t) => {
    const { control, stats, watch } = await start(t);
    control.reading.events.tell(changed('one'));
    const reader = await watch();
    await reader.until(2);
    control.reading.events.tell(changed('two'));
    stats.tick();
    await reader.until(4);
    assert.deepEqual(
      reader.events.map(({ event }) => event),
      ['change', 'snapshot', 'change', 'snapshot'],
    );
    assert.deepEqual(whats(reader), ['one', 'two']);
    const [first, second] = reader.events.flatMap(({ event, data }) => (event === 'snapshot' ? [data] : []));
    assert.deepEqual((first as { servers: readonly { name: string }[] }).servers[0]?.name, 'web');
    assert.notEqual((first as { at: string }).at, (second as { at: string }).at);
    assert.match(reader.head, /^HTTP\/1\.1 200 [^]*content-type: text\/event-stream/i);
    assert.equal(reader.retry, 'retry: 2000');
  });

  test('has only what was asked for', async (t) => {
    const { control, stats, watch } = await start(t);
    control.reading.events.tell(changed('one'));
    const [changes, snapshots, neither] = [
      await watch('?snapshots=false'),
      await watch('?changes=false'),
      await watch('?snapshots=false&changes=false'),
    ];
    stats.tick();
    control.reading.events.tell(changed('two'));
    await Promise.all([changes.until(2), snapshots.until(2)]);
    assert.deepEqual(
      [changes, snapshots, neither].map(({ events }) => [...new Set(events.map(({ event }) => event))]),
      [['change'], ['snapshot'], []],
    );
  });

  test('goes on after the last change that was seen', async (t) => {
    const { control, watch } = await start(t);
    for (const what of ['one', 'two', 'three']) control.reading.events.tell(changed(what));
    const before = await watch('?snapshots=false');
    await before.until(3);
    const [, second] = before.events;
    assert.ok(second?.id !== undefined);
    const after = await watch('?snapshots=false', { 'last-event-id': second.id });
    await after.until(1);
    assert.deepEqual([whats(after), after.events[0]?.id], [['three'], before.events[2]?.id]);
  });

  test('begins anew for a client of another process, or with an unknown id', async (t) => {
    const { control, watch } = await start(t);
    control.reading.events.tell(changed('one'));
    for (const id of ['0-7', 'zzz-99', '', 'nonsense', `${(1).toString(36)}-999999999`]) {
      const reader = await watch('?snapshots=false', { 'last-event-id': id });
      await reader.until(1);
      assert.deepEqual(whats(reader), ['one'], id);
    }
  });

  test('tells all clients the same, and makes it into text once', async (t) => {
    const { stats, watch } = await start(t);
    const readers = await Promise.all([1, 2, 3].map(() => watch('?changes=false')));
    await Promise.all(readers.map((reader) => reader.until(1)));
    let looks = 0;
    const servers = stats.snapshot.servers;
    const counted = Object.defineProperty({ ...stats.snapshot }, 'servers', {
      get: () => {
        looks += 1;
        return servers;
      },
    });
    for (const listener of stats.listeners) listener(counted);
    await Promise.all(readers.map((reader) => reader.until(2)));
    assert.equal(new Set(readers.map(({ events }) => JSON.stringify(events))).size, 1);
    assert.equal(looks, 1);
  });

  test('begins with how things stand, and not with the last second', async (t) => {
    const { stats, watch } = await start(t);
    stats.now = () => ({ ...stats.snapshot, servers: [serverStats('web', []), serverStats('new', [])] });
    const reader = await watch('?changes=false');
    await reader.until(1);
    const { servers } = reader.events[0]?.data as { servers: readonly { name: string }[] };
    assert.deepEqual(
      servers.map(({ name }) => name),
      ['web', 'new'],
    );
  });

  test('looks on only while it has a client', async (t) => {
    const { control, stats, watch } = await start(t);
    const listeners = () => [control.reading.events.listeners.size, stats.listeners.size];
    assert.deepEqual(listeners(), [0, 0]);
    const one = await watch('?changes=false');
    const two = await watch();
    await Promise.all([one.until(1), two.until(1)]);
    assert.deepEqual(listeners(), [1, 1]);
    two.leave();
    while (control.reading.events.listeners.size > 0) await two.turn();
    assert.deepEqual(listeners(), [0, 1]);
    one.leave();
    while (stats.listeners.size > 0) await one.turn();
    const three = await watch();
    await three.until(1);
    assert.deepEqual(listeners(), [1, 1]);
  });

  test('is cut for a client that does not read, and no other client misses anything', async (t) => {
    const { control, stats, clock, watch } = await start(t);
    const backends = Array.from({ length: 1000 }, (_, n) => backendStatus(`10.0.0.1:${n}`));
    stats.snapshot = { ...stats.snapshot, servers: [serverStats('web', backends)] };
    const reading = await watch('?changes=false');
    const deaf = await watch();
    deaf.socket.pause();
    let ticks = 0;
    while (control.reading.events.listeners.size > 0) {
      clock.advance(1000);
      stats.tick();
      ticks += 1;
      await reading.until(1 + ticks);
    }
    // Half a minute behind, and a few seconds until what the kernel takes for it is full.
    assert.ok(ticks >= 30, `cut after ${ticks} seconds`);
    assert.equal(stats.listeners.size, 1);
  });
});
