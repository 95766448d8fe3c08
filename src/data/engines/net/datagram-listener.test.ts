import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { test } from 'node:test';
import type { SocketAddress } from '../../../core/address.ts';
import type { DatagramAcceptor } from '../../../core/datagrams.ts';
import { NetDatagrams } from './datagram-listener.ts';
import type { NetShared } from './shared.ts';

test('an address that cannot be bound yet keeps a wildcard from no other', async (t) => {
  const addresses = ['127.0.0.1', '192.0.2.1', '127.0.0.2'].map((address) => ({ address, family: 'IPv4' }));
  t.mock.method(os, 'networkInterfaces', () => ({ lo: addresses }));
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const later: (() => void)[] = [];
  const clock = {
    after: (_ms: number, run: () => void) => later.push(run),
    every: () => ({ cancel: () => undefined }),
  };
  const told: (SocketAddress | Error)[] = [];
  const acceptor = {
    listening: (at: SocketAddress) => told.push(at),
    listenFailed: (error: Error) => told.push(error),
  } as unknown as DatagramAcceptor;
  const address = { ip: '0.0.0.0', port: 0 };
  const bounds = { mostSessions: 1, receiveBufferBytes: 65_536 };
  const datagrams = new NetDatagrams({ clock } as unknown as NetShared);
  const listener = datagrams.listen({ address, acceptor, ...bounds });
  t.after(() => listener.close(() => undefined));
  for (const run of later) run();
  const [at] = told;
  assert.ok(at !== undefined && 'port' in at && at.port > 0);
  for (const ip of ['127.0.0.1', '127.0.0.2']) {
    const socket = createSocket('udp4').bind(at.port, ip);
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'EADDRINUSE');
    socket.close();
  }
});
