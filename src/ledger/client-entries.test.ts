import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClientTable } from './client-table.ts';
import { FULL, OVER_CLIENT_RATE, ThreadClients, type ClientRules } from './thread-clients.ts';

const NO_RULES: ClientRules = { maxConnections: 0, maxWaiting: 0, rate: undefined, stickyMs: 0, prefixV6: 128 };
const NOW = 1_000;

function clientsOf(rules: Partial<ClientRules>, entries = 8) {
  const table = new ClientTable(entries);
  const open = (number: number) => new ThreadClients(table.open(number), { ...NO_RULES, ...rules });
  return { table, one: open(1), other: open(2) };
}

function ipv4(last: number): Uint8Array {
  return Uint8Array.of(192, 0, 2, last);
}

function enter(thread: ThreadClients, last: number, nowMs = NOW): number {
  return thread.enter(ipv4(last), 4, nowMs);
}

test('the same client as IPv4 and in the IPv6 form of it', () => {
  const { one, other } = clientsOf({});
  const mapped = Uint8Array.of(...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], ...ipv4(1));
  const entry = enter(one, 1);
  assert.equal(other.enter(mapped, 16, NOW), entry);
  const [compatible, translated] = [mapped.slice(), mapped.slice()];
  compatible.fill(0, 10, 12);
  translated.set([0xff, 0xff, 0, 0], 8);
  const others = [compatible, translated].map((ip) => one.enter(ip, 16, NOW));
  assert.equal(new Set([entry, ...others]).size, 3, 'other forms are other clients');
});

test('every byte of an address counts, and none beyond its length', () => {
  const { one } = clientsOf({}, 64);
  const ip = Uint8Array.from({ length: 20 }, (_, i) => 0x20 + i);
  const v6 = one.enter(ip, 16, NOW);
  const v4 = one.enter(ip, 4, NOW);
  const entries = new Set([v4, v6]);
  for (const [length, bytes] of [
    [16, 16],
    [4, 4],
  ] as const) {
    for (let byte = 0; byte < bytes; byte++) {
      const changed = ip.slice();
      changed[byte] = 0xff;
      entries.add(one.enter(changed, length, NOW));
    }
  }
  assert.equal(entries.size, 2 + 16 + 4);
  const longer = ip.slice();
  longer.fill(0, 16);
  assert.equal(one.enter(longer, 16, NOW), v6);
  longer.fill(0, 4);
  assert.equal(one.enter(longer, 4, NOW), v4);
});

test('a client with an entry comes back to it; for a new one the client is forgotten that came last before all', () => {
  const { table, one } = clientsOf({}, 3);
  const [first, second, third] = [1, 2, 3].map((last) => enter(one, last)) as [number, number, number];
  for (const entry of [second, third, first]) one.leave(entry);
  assert.equal(enter(one, 2), second);
  one.leave(second);
  assert.equal(enter(one, 4), third, 'idle for longest');
  assert.deepEqual([enter(one, 1), enter(one, 2)], [first, second], 'still known');
  assert.deepEqual(table.totals(), { known: 3, connected: 3, evicted: 1, forgotten: 0 });
});

test('a client with a connection is never forgotten: a new one finds the table full', () => {
  const { table, one, other } = clientsOf({}, 2);
  const [first] = [enter(one, 1), enter(other, 2)] as const;
  assert.deepEqual([enter(one, 3), enter(other, 4)], [FULL, FULL]);
  assert.deepEqual(table.totals(), { known: 2, connected: 2, evicted: 0, forgotten: 0 });
  assert.equal(enter(other, 1), first, 'those it knows come in');
  one.leave(first);
  assert.equal(enter(one, 3), FULL);
  other.leave(first);
  assert.equal(enter(one, 3), first);
});

test('a forgotten client comes back with a full bucket and no backend, and no other inherits what it had', () => {
  const { one } = clientsOf({ rate: { burst: 1, perMs: 1 / 1_000 }, stickyMs: 100 }, 1);
  let entry = enter(one, 1);
  one.stick(entry, { to: 7 }, NOW);
  one.leave(entry);
  assert.equal(enter(one, 1), OVER_CLIENT_RATE);
  entry = enter(one, 2);
  assert.ok(entry > 0);
  assert.equal(one.stuckTo(entry, NOW), 0);
  one.leave(entry);
  entry = enter(one, 1);
  assert.ok(entry > 0);
  assert.equal(one.stuckTo(entry, NOW), 0);
});

test('it counts the forgotten clients that would have fared differently', () => {
  const rate = { burst: 2, perMs: 1 / 100 };
  const { table, one } = clientsOf({ rate, stickyMs: 500 }, 1);
  const comesAndGoes = (last: number, nowMs: number, serial: number) => {
    const entry = enter(one, last, nowMs);
    one.stick(entry, { to: serial }, nowMs);
    one.leave(entry);
  };
  comesAndGoes(1, NOW, 0);
  assert.deepEqual([table.totals().evicted, table.totals().forgotten], [0, 0], 'nobody had the entry');
  comesAndGoes(2, NOW + 99, 0);
  assert.deepEqual([table.totals().evicted, table.totals().forgotten], [1, 1], 'the bucket was not full');
  comesAndGoes(3, NOW + 199, 7);
  assert.deepEqual([table.totals().evicted, table.totals().forgotten], [2, 1], 'it was, and it stuck to nothing');
  comesAndGoes(4, NOW + 698, 7);
  assert.deepEqual([table.totals().evicted, table.totals().forgotten], [3, 2], 'it still stuck');
  comesAndGoes(5, NOW + 1_198, 0);
  assert.deepEqual([table.totals().evicted, table.totals().forgotten], [4, 2], 'no longer');
});

test('a client that tries too fast is not forgotten as long as it tries', () => {
  const { one } = clientsOf({ rate: { burst: 1, perMs: 0 } }, 2);
  one.leave(enter(one, 1));
  for (let last = 2; last < 20; last++) {
    assert.equal(enter(one, 1), OVER_CLIENT_RATE);
    one.leave(enter(one, last));
  }
});

test('a table that is used up by many addresses still knows each of those in use', () => {
  const entries = 1_000;
  const { table, one, other } = clientsOf({}, entries);
  const ip = (i: number) => Uint8Array.of(10, 0, i >> 8, i & 0xff);
  for (let round = 0; round < 3; round++) {
    const first = Array.from({ length: entries }, (_, i) => one.enter(ip(round * entries + i), 4, NOW));
    assert.equal(new Set(first).size, entries);
    assert.equal(one.enter(ip(60_000), 4, NOW), FULL);
    assert.deepEqual(
      first,
      first.map((_, i) => other.enter(ip(round * entries + i), 4, NOW)),
    );
    for (const entry of first) {
      one.leave(entry);
      other.leave(entry);
    }
  }
  assert.deepEqual(table.totals(), { known: entries, connected: 0, evicted: 2 * entries, forgotten: 0 });
});
