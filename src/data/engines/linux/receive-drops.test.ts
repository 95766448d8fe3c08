import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';

import { whyNoEngine } from '../registry.ts';
import { loadLibc } from './libc.ts';
import { ReceiveDrops } from './receive-drops.ts';
import { encodeAddress, LARGEST_BYTES, portOf } from './socket-address.ts';

test(
  'what a full receive buffer has dropped is told once, a second later at the earliest',
  {
    skip: whyNoEngine('epoll') ?? false,
  },
  async (t) => {
    const libc = loadLibc();
    const fd = libc.datagramSocket('ipv4');
    t.after(() => libc.close(fd));
    libc.setOption(fd, 'receiveBuffer', 4_096);
    libc.bind(fd, encodeAddress({ ip: '127.0.0.1', port: 0 }));
    const name = new Uint8Array(LARGEST_BYTES);
    libc.localAddress(fd, name);
    const client = createSocket('udp4');
    t.after(() => client.close());
    client.connect(portOf(name), '127.0.0.1');
    await once(client, 'connect');
    const drops = new ReceiveDrops(libc, fd);
    assert.equal(drops.since(1_000), 0);
    const sends = Array.from({ length: 100 }, () => new Promise((resolve) => client.send(Buffer.alloc(100), resolve)));
    await Promise.all(sends);
    assert.equal(drops.since(1_999), 0, 'too soon');
    const dropped = drops.since(2_000);
    assert.ok(dropped > 0 && dropped < 100, `${dropped} dropped`);
    assert.equal(drops.since(3_000), 0, 'told already');
  },
);
