/**
 * A client that asks for one big body after the other and takes so many bytes a second of them, no more: in between
 * it does not read, so whoever stands before it must hold the rest back. Prints `reading` when the first has come.
 * Arguments: port, path, bytes of a body, bytes a second. Ends when its input does.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

import { systemClock } from '../../../src/core/clock.ts';
import { HOST } from '../ports.ts';

const TAKE_EVERY_MS = 10;

const [port, path = '', bodyBytes, bytesPerSecond] = process.argv.slice(2);
const share = (Number(bytesPerSecond) * TAKE_EVERY_MS) / 1000;

const socket = connect({ host: HOST, port: Number(port) });
await once(socket, 'connect');

let allowance = share;
let received = 0;
let asked = 0;

/** The next body is under way before the last one has come. */
function ask(): void {
  for (; asked * Number(bodyBytes) < received + 2 * Number(bodyBytes); asked++)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
}

ask();
socket.on('data', (chunk: Buffer) => {
  received += chunk.length;
  allowance -= chunk.length;
  if (allowance <= 0) socket.pause();
  ask();
});
systemClock.every(TAKE_EVERY_MS, () => {
  allowance += share;
  if (allowance > 0) socket.resume();
});
await once(socket, 'data');
process.stdout.write('reading\n');
process.stdin.resume();
await once(process.stdin, 'end');
socket.destroy();
