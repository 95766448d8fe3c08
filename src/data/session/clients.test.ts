import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FakePair } from '../../../test/helpers/fakes/fake-engine.ts';
import { fronting, ledgerFor, LIMITS, snapshotOf, type FrontingOptions } from '../../../test/helpers/rigs/frontend.ts';
import { ClientTable } from '../../ledger/client-table.ts';

const ME = '192.0.2.7';
const OTHER = '192.0.2.8';
const NO_RATE = { count: 0, withinMs: 1_000 };

function limited(options: FrontingOptions = {}) {
  const clients = new ClientTable(64);
  const front = fronting({ ...options, clients });
  return { front, clients, comes: (ip: string) => front.accept(new FakePair(ip)) };
}

describe('max_connections_per_client', () => {
  const MOST = { limits: { perClient: { maxConnections: 2, rate: NO_RATE, prefixV6: 64 } } };

  test('holds for each address, over all threads, and gives back what ends', () => {
    const { front, clients, comes } = limited(MOST);
    const elsewhere = fronting({ ...MOST, ledger: front.ledger, clients, thread: 1 });
    const first = comes(ME);
    assert.equal(elsewhere.accept(new FakePair(`::ffff:${ME}`)).state, 'dialling');
    const closed = comes(ME);
    assert.equal(closed.endedBy, 'close');
    closed.ends('cut');
    assert.equal(comes(OTHER).state, 'dialling');
    first.ends('client-reset');
    assert.equal(comes(ME).state, 'dialling');
    const { overClientLimit: counted, active } = front.ledger.serverTotals();
    assert.deepEqual([counted, active, clients.totals().connected], [1, 3, 2]);
    assert.equal(front.entries()[0]?.cause, 'PR');
    assert.deepEqual(
      front.said.map(({ fields }) => fields['reason']),
      ['client is at max_connections_per_client'],
    );
  });

  test('counts no client of a unix socket, and follows a reload', () => {
    const { front, comes } = limited(MOST);
    const unix = () => front.accept(new FakePair(''));
    for (let i = 0; i < 3; i++) assert.equal(unix().state, 'dialling');
    comes(ME);
    const limits = { ...front.spec.limits, perClient: { maxConnections: 1, rate: NO_RATE, prefixV6: 64 } };
    front.frontend.reconfigure({ ...front.spec, limits });
    assert.equal(comes(ME).endedBy, 'close');
    assert.equal(comes(OTHER).state, 'dialling');
  });

  test('those of a thread that died are given back', () => {
    const { front, clients, comes } = limited(MOST);
    const doomed = fronting({ ...MOST, ledger: front.ledger, clients, thread: 1 });
    for (let i = 0; i < 2; i++) doomed.accept(new FakePair(ME));
    assert.equal(comes(ME).endedBy, 'close');
    clients.reclaim(1);
    assert.equal(comes(ME).state, 'dialling');
  });
});

test('connection_rate_per_client: as many at once, then as they come due', () => {
  const { front, comes } = limited({
    limits: { perClient: { maxConnections: 0, rate: { count: 2, withinMs: 1_000 }, prefixV6: 64 } },
  });
  const outcome = () => comes(ME).endedBy ?? 'served';
  assert.deepEqual([outcome(), outcome(), outcome()], ['served', 'served', 'close']);
  front.clock.advance(501);
  assert.deepEqual([outcome(), outcome()], ['served', 'close']);
  assert.equal(front.ledger.serverTotals().overClientRate, 2);
});

test('connections that a new client opens at once on two threads go to the same backend', () => {
  const ledger = ledgerFor(2);
  const shared = { backends: [{}, {}], limits: { stickyMs: 1_000 }, ledger, clients: new ClientTable(64) };
  const options = { ...shared, balance: 'random2' } satisfies FrontingOptions;
  const other = fronting({ ...options, thread: 1, random: () => 0 });
  const [first, second] = [new FakePair(ME), new FakePair(ME)];
  const one = fronting({
    ...options,
    random: () => {
      if (second.dials.length === 0) other.accept(second);
      return 0;
    },
  });
  one.accept(first);
  assert.deepEqual([first.dials, ledger.active(0), ledger.active(1)], [second.dials, 2, 0]);
});

describe('sticky', () => {
  const STICKY: FrontingOptions = { backends: [{}, {}, {}], limits: { stickyMs: 1_000 } };

  test('a client comes back to its backend, others take turns', () => {
    const { front, comes } = limited(STICKY);
    const mine = comes(ME).dials[0];
    for (let i = 0; i < 4; i++) assert.equal(comes(ME).dials[0], mine);
    assert.equal(new Set([1, 2, 3].map((n) => comes(`198.51.100.${n}`).dials[0])).size, 3);
    front.clock.advance(999);
    assert.equal(comes(ME).dials[0], mine, 'each time counts anew');
  });

  test('until it has expired', () => {
    const { front, comes } = limited(STICKY);
    const seen = new Set<string | undefined>();
    for (let i = 0; i < 6; i++) {
      seen.add(comes(ME).dials[0]);
      front.clock.advance(1_000);
    }
    assert.equal(seen.size, 3);
  });

  test('it follows to another one when its own is down or full, and then stays there', () => {
    const { front, comes } = limited({ ...STICKY, backends: [{ maxConnections: 1 }, { maxConnections: 1 }, {}] });
    const first = comes(ME);
    const second = comes(ME);
    assert.notEqual(second.dials[0], first.dials[0]);
    first.ends('client-reset');
    second.ends('client-reset');
    assert.equal(comes(ME).dials[0], second.dials[0]);
    const left = snapshotOf(2, [{}, {}, {}]).backends.filter(({ slot }) => !second.dials[0]?.endsWith(String(slot)));
    front.frontend.apply({ version: 2, backends: left });
    const third = comes(ME).dials[0];
    assert.notEqual(third, second.dials[0]);
    front.frontend.apply(snapshotOf(3, [{}, {}, {}]));
    assert.equal(comes(ME).dials[0], third);
  });

  test('not to a backend that has the row of its own later', () => {
    const { front, comes } = limited({ ...STICKY, backends: [{}] });
    comes(ME);
    const [one] = snapshotOf(2, [{}]).backends;
    const others = [0, 1].map((slot) => ({ ...one!, slot, key: `n${slot}:80`, serial: 10 + slot }));
    front.ledger.allocate();
    front.frontend.apply({ version: 2, backends: others });
    const [pair, again] = [comes(ME), comes(ME)];
    assert.equal(pair.state, 'dialling');
    pair.fails('refused');
    assert.equal(again.state, 'dialling');
  });
});

describe('client_prefix_v6', () => {
  const perClient = { maxConnections: 1, rate: { count: 0, withinMs: 1_000 }, prefixV6: 64 };

  test('addresses of one network have the limit of one client, IPv4 addresses each their own', () => {
    const { comes } = limited({ limits: { perClient } });
    const outcome = (ip: string) => comes(ip).endedBy ?? 'served';
    assert.deepEqual(['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1'].map(outcome), ['served', 'close', 'served']);
    assert.deepEqual(['192.0.2.1', '192.0.2.2', '::ffff:192.0.2.2'].map(outcome), ['served', 'served', 'close']);
  });

  test('they stick to one backend', () => {
    const { comes } = limited({ backends: [{}, {}, {}], limits: { stickyMs: 1_000 } });
    const dialled = (ip: string) => comes(ip).dials[0];
    assert.equal(dialled('2001:db8::2'), dialled('2001:db8::1'));
    assert.notEqual(dialled('2001:db8:0:1::1'), dialled('2001:db8::1'));
  });

  test('a new prefix holds for those that come; connected ones are given back as they were counted', () => {
    const { front, clients, comes } = limited({ limits: { perClient } });
    const pair = comes('2001:db8::1');
    front.frontend.reconfigure({ ...front.spec, limits: { ...LIMITS, perClient: { ...perClient, prefixV6: 128 } } });
    const others = ['2001:db8::1', '2001:db8::2'].map((ip) => comes(ip));
    assert.deepEqual(
      others.map(({ state }) => state),
      ['dialling', 'dialling'],
    );
    for (const ending of [pair, ...others]) ending.ends('client-reset');
    assert.equal(clients.totals().connected, 0);
  });
});
