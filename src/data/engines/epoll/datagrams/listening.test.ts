import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatagramRig } from '../../../../../test/helpers/sockets/datagram-rig.ts';
import { whyNoEpoll } from '../engine.ts';
import { BROKEN } from '../../linux/libc-descriptors.ts';

test('on a host without IPv6 a listener for * takes over from the one before', { skip: whyNoEpoll() ?? false }, (t) => {
  const rig = new DatagramRig(t);
  const backend = rig.socket();
  const open = rig.libc.datagramSocket.bind(rig.libc);
  t.mock.method(rig.libc, 'datagramSocket', (family: 'ipv4' | 'ipv6') => (family === 'ipv4' ? open(family) : BROKEN));
  t.mock.method(rig.libc, 'errorName', () => 'EAFNOSUPPORT');
  const first = rig.listen(1000, { ip: '*', port: 0 });
  const { port } = rig.address;
  rig.backends = [backend.address];
  const client = rig.socket({ ip: '127.0.0.1', port });
  rig.send(client, 'a');
  rig.iterate();
  first.close(() => undefined);
  rig.iterate();
  const second = rig.listen(1000, { ip: '*', port });
  rig.send(client, 'b');
  rig.iterate();
  assert.deepEqual([rig.received(backend), rig.pairs.length], [['a', 'b'], 1]);
  second.close(() => undefined);
  rig.endAll();
});
