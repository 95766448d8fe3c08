import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { test } from 'node:test';

import { dial, dialBy } from './dial.ts';

const NEVER = new AbortController().signal;

async function listening(port = 0): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function freePort(): Promise<number> {
  const server = await listening();
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('a connection to itself is a refused one, and leaves the port to the backend', async () => {
  const port = await freePort();
  // The kernel does this by chance, where it takes the same port for the connect.
  const itself = { host: '127.0.0.1', port, localAddress: '127.0.0.1', localPort: port };
  await assert.rejects(dialBy(itself, NEVER), { code: 'ECONNREFUSED', message: /connected to itself/ });
  const server = await listening(port);
  const socket = await dial({ ip: '127.0.0.1', port }, NEVER);
  socket.destroy();
  server.close();
});
