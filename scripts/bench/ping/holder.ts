/**
 * A client with many connections that are idle. Each has had a byte there and back; then it prints `open`. When its
 * input ends, each has a byte there and back once more, and it prints `alive`.
 * Arguments: port, how many.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { HOST } from '../ports.ts';

/** No more than fit into any listener's backlog. */
const OPENING_AT_ONCE = 100;

const [port, count] = process.argv.slice(2).map(Number) as [number, number];

async function roundTrip(socket: Socket): Promise<void> {
  socket.write('x');
  await once(socket, 'data');
}

async function open(): Promise<Socket> {
  const socket = connect({ host: HOST, port, noDelay: true });
  await once(socket, 'connect');
  await roundTrip(socket);
  return socket;
}

const sockets: Socket[] = [];
while (sockets.length < count) {
  const now = Math.min(OPENING_AT_ONCE, count - sockets.length);
  sockets.push(...(await Promise.all(Array.from({ length: now }, open))));
}
process.stdout.write('open\n');
process.stdin.resume();
await once(process.stdin, 'end');
await Promise.all(sockets.map(roundTrip));
process.stdout.write('alive\n');
for (const socket of sockets) socket.destroy();
