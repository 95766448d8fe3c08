import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { startBackend } from '../../../test/helpers/sockets/backends.ts';
import { connectTo } from '../../../test/helpers/sockets/peer.ts';
import type { IpAddress } from '../../core/address.ts';
import { countConnections } from './tcp-table.ts';

test('connections to an address are counted, IPv4 and IPv6', { skip: process.platform !== 'linux' }, async (t) => {
  for (const ip of ['127.0.0.1', '::1']) {
    const backend = await startBackend(t, undefined, { at: { ip, port: 0 } });
    const to = backend.address as IpAddress;
    const clients = [connectTo(t, to), connectTo(t, to)];
    for (const { socket } of clients) if (socket.pending) await once(socket, 'connect');
    assert.deepEqual(await countConnections([to, { ip, port: 1 }]), [2, 0]);
  }
});
