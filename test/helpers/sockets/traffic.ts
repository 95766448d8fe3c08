import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';

import { addressText, type SocketAddress } from '../../../src/core/address.ts';
import { errorCode } from '../../../src/core/errors.ts';
import { banner, startBackend, type TestBackend } from './backends.ts';
import { connectTo, type Peer } from './peer.ts';

/** A backend that says its name to each client, which has one letter, and ends when the client has. */
export function startNamed(t: TestContext, name: string): Promise<TestBackend> {
  return startBackend(t, banner(name));
}

/** As a line of a static list. */
export function listed(backend: TestBackend, options = ''): string {
  return `${addressText(backend.address)} ${options}`.trimEnd();
}

/** Who answers a new connection: the name, or the system's name of what went wrong. */
export async function answerOf(address: SocketAddress, from?: string): Promise<string> {
  const target = 'path' in address ? address : { host: address.ip, port: address.port };
  const socket = connect({ ...target, ...(from === undefined ? {} : { localAddress: from }) });
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    socket.end();
  });
  socket.on('error', (error) => (text ||= errorCode(error)));
  await once(socket, 'close').catch(() => undefined);
  return text;
}

/** Asks, one connection after the other, until the answer is this one. For what follows a line of the log at once. */
export async function untilAnswer(address: SocketAddress, answer: string): Promise<void> {
  while ((await answerOf(address)) !== answer);
}

/** Tries until nobody listens there any more. */
export async function untilRefused(address: SocketAddress): Promise<void> {
  const refusal = 'path' in address ? 'ENOENT' : 'ECONNREFUSED';
  while ((await connectFailure(address)) !== refusal);
}

/** The system's name of what went wrong, or nothing when the connection opened; it is closed again. */
function connectFailure(address: SocketAddress): Promise<string> {
  const socket = connect('path' in address ? address : { host: address.ip, port: address.port });
  return new Promise((resolve) => {
    socket.on('error', (error) => resolve(errorCode(error)));
    socket.on('connect', () => {
      socket.destroy();
      resolve('');
    });
  });
}

/** A client whose connection to an echoing backend is known to be open. */
export async function openEcho(t: TestContext, address: SocketAddress): Promise<Peer> {
  const peer = connectTo(t, address);
  await roundTrip(peer);
  return peer;
}

/** One byte there and back. */
export async function roundTrip(peer: Peer): Promise<void> {
  const bytes = peer.bytes + 1;
  await peer.send('x');
  await peer.received(bytes);
}

/**
 * A port that nobody has: from below those that the kernel hands out, which at any moment may become some client's.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      server.close();
      await once(server, 'close');
      return port;
    } catch {
      // Somebody has it; try another.
    }
  }
}
