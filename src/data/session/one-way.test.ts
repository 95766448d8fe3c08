import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fronting, type FrontingOptions } from '../../../test/helpers/rigs/frontend.ts';
import type { SocketAddress } from '../../core/address.ts';
import { clientAddressOf } from '../../wire/client-address.ts';

const CLIENT = clientAddressOf('192.0.2.1', 514);
const UDP = {
  isOneWay: true,
  maxRequests: 1,
  maxResponses: 0,
  isTransparent: false,
  maxSessions: 1,
  receiveBufferBytes: 4_096,
};

function oneWayFront({ limits, ...options }: FrontingOptions = {}) {
  const front = fronting({ ...options, limits: { ...limits, udp: UDP } });
  const { oneWay } = front.frontend;
  assert.ok(oneWay);
  return { ...front, oneWay };
}

const port = (to: SocketAddress | undefined) => (to !== undefined && 'port' in to ? to.port : undefined);

test('each datagram has a backend of its own, and takes no place', () => {
  const { oneWay, ledger } = oneWayFront({ backends: [{}, {}] });
  const ports = Array.from({ length: 4 }, () => {
    const to = oneWay.elect(CLIENT);
    oneWay.sent(100);
    return port(to);
  });
  assert.deepEqual(ports, [8_000, 8_001, 8_000, 8_001]);
  const { tx, txDatagrams, active, peak, accepted, connected } = ledger.serverTotals();
  assert.deepEqual(
    { tx, txDatagrams, active, peak, accepted, connected },
    { tx: 400, txDatagrams: 4, active: 0, peak: 0, accepted: 0, connected: 0 },
  );
  assert.deepEqual([ledger.active(0), ledger.active(1)], [0, 0]);
});

test('one that could not be sent goes to another backend, and counts against the first', () => {
  const { oneWay, ledger, failures } = oneWayFront({ backends: [{ maxFails: 1 }, {}] });
  assert.equal(port(oneWay.elect(CLIENT)), 8_000);
  oneWay.failed('ECONNREFUSED');
  assert.equal(port(oneWay.elect(CLIENT)), 8_001);
  oneWay.sent(10);
  assert.deepEqual([ledger.backendTotals(0).refused, failures[0]?.what, ledger.active(0)], [1, 'ejected', 0]);
});

test('what this host lacks, and a datagram that is too long, count against no backend', () => {
  const { oneWay, ledger, failures, shortages } = oneWayFront({ backends: [{ maxFails: 1 }, { maxFails: 1 }] });
  for (const code of ['EMSGSIZE', 'EAGAIN', 'ENOBUFS', 'EMFILE', 'EPERM']) {
    assert.notEqual(oneWay.elect(CLIENT), undefined);
    oneWay.failed(code);
  }
  assert.deepEqual([ledger.backendTotals(0).refused, ledger.backendTotals(1).refused, failures], [0, 0, []]);
  assert.deepEqual([...new Set(shortages.map(({ shortage }) => shortage))], ['memory', 'descriptors', 'permission']);
});

test('where its only backend fails, it is dropped, and the next one is tried there', () => {
  const { oneWay } = oneWayFront({ backends: [{}] });
  assert.equal(port(oneWay.elect(CLIENT)), 8_000);
  oneWay.failed('ECONNREFUSED');
  assert.equal(oneWay.elect(CLIENT), undefined);
  assert.equal(port(oneWay.elect(CLIENT)), 8_000);
});

test('the access rules are asked for each one', () => {
  const { oneWay, ledger } = oneWayFront({ access: { defaultAllow: false, rules: [] } });
  assert.equal(oneWay.elect(CLIENT), undefined);
  assert.equal(ledger.serverTotals().denied, 1);
});

test('a server whose datagrams await answers sends none one way', () => {
  assert.equal(fronting({ limits: { udp: { ...UDP, isOneWay: false } } }).frontend.oneWay, undefined);
  assert.equal(fronting().frontend.oneWay, undefined);
});
