import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { pooling, specOf } from '../../../test/helpers/rigs/pool.ts';

describe('merging', () => {
  test('a list is published whole, in byte order, with rising versions', () => {
    const { pool, published } = pooling();
    assert.deepEqual(pool.snapshot, { version: 0, backends: [] });
    pool.update([specOf('10.0.0.2'), specOf('10.0.0.10'), specOf('10.0.0.1')]);
    pool.update([]);
    assert.deepEqual(
      published.map(({ version, backends }) => [version, backends.map(({ key }) => key)]),
      [
        [1, ['10.0.0.10:80', '10.0.0.1:80', '10.0.0.2:80']],
        [2, []],
      ],
    );
    assert.equal(pool.snapshot, published[1]);
  });

  test('a backend keeps its slot and counts whatever else of it changes', () => {
    const { pool, thread, ledger, candidate } = pooling();
    pool.update([specOf('10.0.0.1'), specOf('10.0.0.2')]);
    const { slot } = candidate('10.0.0.2');
    thread.enterBackend(slot, 0);
    thread.countBackend(slot, 'total', 7);
    pool.update([specOf('10.0.0.2', { weight: 9, priority: 2, maxConnections: 3 }), specOf('10.0.0.3')]);
    const { weight, priority, maxConnections, slot: kept } = candidate('10.0.0.2');
    assert.deepEqual([weight, priority, maxConnections, kept], [9, 2, 3, slot]);
    assert.deepEqual([ledger.backendTotals(slot).total, ledger.active(slot)], [7, 1]);
    assert.equal(pool.slots().length, 3, 'the one that left is still there');
  });

  test('the same address on another port is another backend', () => {
    const { pool, candidate } = pooling();
    pool.update([specOf('10.0.0.1', { port: 80 }), specOf('10.0.0.1', { port: 81 })]);
    assert.notEqual(candidate('10.0.0.1', 80).slot, candidate('10.0.0.1', 81).slot);
  });
});

describe('leaving', () => {
  test('a backend goes when no thread elects it any more and its last connection has ended', () => {
    const { pool, clock, thread, candidate } = pooling();
    pool.update([specOf('10.0.0.1')]);
    const { slot } = candidate('10.0.0.1');
    thread.enterBackend(slot, 0);
    pool.update([]);
    assert.deepEqual(pool.slots(), [slot]);
    pool.applied(2);
    assert.deepEqual(pool.slots(), [slot], 'it still has a connection');
    clock.advance(1_000);
    assert.deepEqual(pool.slots(), [slot]);
    thread.leaveBackend(slot);
    assert.deepEqual(pool.slots(), [slot], 'nobody has looked');
    clock.advance(1_000);
    assert.deepEqual(pool.slots(), []);
    assert.equal(clock.timers, 0, 'nobody looks when nobody leaves');
  });

  test('it stays while a thread may elect it, although it has no connection', () => {
    const { pool, clock } = pooling();
    pool.update([specOf('10.0.0.1')]);
    pool.applied(1);
    pool.update([]);
    clock.advance(10_000);
    assert.equal(pool.slots().length, 1);
    pool.applied(2);
    assert.equal(pool.slots().length, 0);
  });

  test('its slot is another one’s only then', () => {
    const { pool, candidate, ledger } = pooling();
    pool.update([specOf('10.0.0.1')]);
    const { slot } = candidate('10.0.0.1');
    pool.update([specOf('10.0.0.2')]);
    assert.notEqual(candidate('10.0.0.2').slot, slot);
    pool.applied(2);
    pool.update([specOf('10.0.0.2'), specOf('10.0.0.3')]);
    assert.equal(candidate('10.0.0.3').slot, slot);
    assert.equal(ledger.backendTotals(slot).total, 0);
  });

  test('one that comes back is the same, with slot, counts and connections', () => {
    const { pool, thread, ledger, candidate, published } = pooling();
    pool.update([specOf('10.0.0.1')]);
    const { slot } = candidate('10.0.0.1');
    thread.enterBackend(slot, 0);
    thread.countBackend(slot, 'total', 3);
    pool.update([]);
    pool.applied(2);
    assert.deepEqual(published.at(-1)?.backends, []);
    pool.update([specOf('10.0.0.1', { weight: 5 })]);
    pool.applied(3);
    thread.leaveBackend(slot);
    pool.applied(3);
    assert.deepEqual([candidate('10.0.0.1').slot, candidate('10.0.0.1').weight], [slot, 5]);
    assert.equal(ledger.backendTotals(slot).total, 3);
  });

  test('one that leaves again is kept for the snapshots of its second stay', () => {
    const { pool } = pooling();
    pool.update([specOf('10.0.0.1')]);
    pool.update([]);
    pool.update([specOf('10.0.0.1')]);
    pool.update([]);
    pool.applied(3);
    assert.equal(pool.slots().length, 1);
    pool.applied(4);
    assert.equal(pool.slots().length, 0);
  });
});

describe('names', () => {
  test('one that is not resolved is no candidate, and is published when it is', async () => {
    const { pool, lookup, published, candidate } = pooling();
    pool.update([specOf('web'), specOf('10.0.0.1')]);
    assert.deepEqual(
      pool.snapshot.backends.map(({ key }) => key),
      ['10.0.0.1:80'],
    );
    let isResolved = false;
    void pool.resolved().then(() => (isResolved = true));
    await turn();
    assert.ok(!isResolved);
    lookup.answer('web', ['192.0.2.1', '192.0.2.2']);
    await turn();
    assert.ok(isResolved);
    assert.equal(published.length, 2);
    assert.deepEqual(candidate('web').addresses, [
      { ip: '192.0.2.1', port: 80 },
      { ip: '192.0.2.2', port: 80 },
    ]);
  });

  test('a change of its addresses is published, a failure is told and keeps the last', async () => {
    const { pool, lookup, clock, published, candidate, told } = pooling();
    pool.update([specOf('web')]);
    const answers = [['192.0.2.1'], ['192.0.2.1'], ['192.0.2.9'], undefined, undefined, ['192.0.2.9']];
    const versions: number[] = [];
    for (const answer of answers) {
      await turn();
      if (answer === undefined) lookup.fail('web', 'gone');
      else lookup.answer('web', answer);
      await turn();
      versions.push(published.length);
      clock.advance(10_000);
    }
    assert.deepEqual(versions, [2, 2, 3, 3, 3, 3]);
    assert.deepEqual(candidate('web').addresses, [{ ip: '192.0.2.9', port: 80 }]);
    assert.deepEqual(told(), ['unresolved web:80']);
  });

  test('the old ones stay in use until the names of the new ones were asked for', async () => {
    const { pool, lookup } = pooling();
    const keys = () => pool.snapshot.backends.map(({ key }) => key);
    pool.update([specOf('192.0.2.7')]);
    pool.update([specOf('web'), specOf('db')]);
    assert.deepEqual(keys(), ['192.0.2.7:80']);
    await turn();
    lookup.answer('web', ['192.0.2.1']);
    await turn();
    assert.deepEqual(keys(), ['192.0.2.7:80', 'web:80']);
    lookup.fail('db', 'gone');
    await turn();
    assert.deepEqual(keys(), ['web:80']);
  });

  test('a backend that an override removes is not in use from then on, although names of others are asked for', async () => {
    const { pool, lookup, thread, candidate, add, remove, status } = pooling();
    const keys = () => pool.snapshot.backends.map(({ key }) => key);
    pool.update([specOf('192.0.2.7'), specOf('192.0.2.8'), specOf('192.0.2.9')]);
    add(specOf('192.0.2.5'));
    thread.enterBackend(candidate('192.0.2.7').slot, 0);
    add(specOf('slow'));
    remove('192.0.2.7');
    assert.deepEqual(keys(), ['192.0.2.5:80', '192.0.2.8:80', '192.0.2.9:80']);
    assert.equal(status('192.0.2.7').obstacle, 'removed');
    const [slow, changed] = [specOf('slow'), new Map()];
    pool.applyOverrides({ added: new Map([['slow:80', slow]]), removed: new Set(['192.0.2.7:80']), changed });
    assert.deepEqual(keys(), ['192.0.2.8:80', '192.0.2.9:80'], 'one that was added is not added any more');
    pool.update([specOf('192.0.2.7'), specOf('192.0.2.9'), specOf('web')]);
    assert.deepEqual(keys(), ['192.0.2.8:80', '192.0.2.9:80'], 'the list leaves no gap, and the override still holds');
    pool.applied(pool.snapshot.version);
    assert.equal(pool.slots().length, 5, 'with the two that are asked for, and the one that has a connection');
    await turn();
    lookup.fail('slow', 'gone');
    lookup.answer('web', ['192.0.2.1']);
    await turn();
    assert.deepEqual(keys(), ['192.0.2.9:80', 'web:80']);
  });

  test('a backend that an override removes goes with the next snapshot', () => {
    const { pool, published, remove } = pooling();
    pool.update([specOf('192.0.2.7'), specOf('192.0.2.8')]);
    pool.applied(1);
    remove('192.0.2.7');
    assert.deepEqual(
      published.map(({ backends }) => backends.length),
      [2, 1],
    );
    pool.applied(2);
    assert.equal(pool.slots().length, 1);
  });

  test('one that left is no longer asked for once it is gone, nor any after the stop', async () => {
    const { pool, lookup, clock } = pooling();
    pool.update([specOf('web'), specOf('db')]);
    await turn();
    pool.update([specOf('db')]);
    lookup.answer('web', ['192.0.2.1']);
    lookup.answer('db', ['192.0.2.2']);
    await turn();
    pool.applied(pool.snapshot.version);
    assert.equal(clock.timers, 1);
    pool.stop();
    assert.equal(clock.timers, 0);
  });

  test('a name that is resolved after its backend left is not published as a candidate', async () => {
    const { pool, lookup } = pooling();
    pool.update([specOf('web')]);
    await turn();
    pool.update([]);
    lookup.answer('web', ['192.0.2.1']);
    await turn();
    assert.deepEqual(pool.snapshot.backends, []);
  });
});

test('a stop lets nobody look again for those who are leaving', () => {
  const { pool, clock } = pooling();
  pool.update([specOf('10.0.0.1')]);
  pool.update([]);
  assert.equal(clock.timers, 1);
  pool.stop();
  assert.equal(clock.timers, 0);
});
