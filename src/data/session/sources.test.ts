import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fronting } from '../../../test/helpers/rigs/frontend.ts';
import { Sources } from './sources.ts';

const V4 = { ip: '10.0.0.1', port: 80 };
const V6 = { ip: 'fd00::1', port: 80 };

test('a backend is dialled from an address of its own family; without one the system chooses', () => {
  const both = new Sources(['10.9.0.1', 'fd00::9']);
  assert.deepEqual([both.of(V4)?.ip, both.of(V6)?.ip, both.of({ path: '/x' })], ['10.9.0.1', 'fd00::9', undefined]);
  assert.deepEqual([new Sources([]).of(V4), new Sources(['fd00::9']).of(V4)], [undefined, undefined]);
});

test('each destination has its own source, and goes from the last one back to the first', () => {
  const sources = new Sources(['10.9.0.1', '10.9.0.2']);
  const [first, other] = [sources.of(V4), { ...V4, port: 81 }];
  sources.moveOn(V4, first!);
  assert.deepEqual([sources.of(V4)?.ip, sources.of(other)?.ip], ['10.9.0.2', '10.9.0.1']);
  sources.moveOn(V4, first!);
  assert.equal(sources.of(V4)?.ip, '10.9.0.2', 'somebody else has moved on already');
  sources.moveOn(V4, sources.of(V4)!);
  assert.equal(sources.of(V4)?.ip, '10.9.0.1');
});

test('a client is dialled for from each source once, and without success the backend is not to blame', () => {
  const limits = { sourceAddresses: ['10.9.0.1', '10.9.0.2', '10.9.0.3'] };
  const front = fronting({ backends: [{ maxFails: 1 }], limits });
  const pair = front.accept();
  const from: (string | undefined)[] = [];
  while (pair.state === 'dialling') {
    from.push(pair.underWay[0]?.from?.ip);
    pair.fails('exhausted', 'EADDRNOTAVAIL');
  }
  assert.deepEqual(from, limits.sourceAddresses);
  pair.ends('cut');
  assert.deepEqual([front.entries()[0]?.cause, front.failures], ['RC', []]);
  assert.deepEqual(
    front.shortages.map(({ shortage, about, count }) => [shortage, about, count]),
    [['ports', '10.0.0.1:8000', 1]],
  );
});

test('the source that has ports is where the next client begins', () => {
  const front = fronting({ limits: { sourceAddresses: ['10.9.0.1', '10.9.0.2'] } });
  const pair = front.accept();
  pair.fails('exhausted', 'EADDRNOTAVAIL');
  pair.connects();
  assert.equal(front.accept().underWay[0]?.from?.ip, '10.9.0.2');
  assert.deepEqual(front.shortages, [], 'nothing is lacking');
});

test('a source that is no address of this host is told of although another one serves', () => {
  const front = fronting({ limits: { sourceAddresses: ['192.0.2.1', '10.9.0.2'] } });
  front.accept().fails('exhausted', 'bind EADDRNOTAVAIL');
  assert.deepEqual(
    front.shortages.map(({ shortage, about }) => [shortage, about]),
    [['source_address', '192.0.2.1']],
  );
});

test('descriptors are no matter of the source', () => {
  const front = fronting({ limits: { sourceAddresses: ['10.9.0.1', '10.9.0.2'] } });
  const pair = front.accept();
  pair.fails('exhausted', 'EMFILE');
  assert.equal(pair.endedBy, 'close');
});
