/**
 * A client that opens one connection after the other, sends a ClientHello on each, and awaits the answer and the end.
 * Prints `ready` after a warm-up, goes on when its input ends, and prints the seconds that it took. Argument: an order.
 */
import { once } from 'node:events';

import { asError } from '../../../src/core/errors.ts';
import { READABLE, WRITABLE } from '../../../src/data/engines/linux/event-list.ts';
import { BROKEN, EXHAUSTED, WOULD_BLOCK } from '../../../src/data/engines/linux/libc-descriptors.ts';
import { loadLibc } from '../../../src/data/engines/linux/libc.ts';
import { encodeAddress } from '../../../src/data/engines/linux/socket-address.ts';
import { HOST } from '../ports.ts';
import { clientHello, NAMES } from './client-hello.ts';
import type { HellosOrder } from './programs.ts';

const EVENTS = 512;
const BUFFER_BYTES = 4096;
/** A connection that takes longer hangs. */
const TURN_MS = 5000;

/** By descriptor. */
const SENT = 1;
const ANSWERED = 2;

const libc = loadLibc();
const list = libc.eventList(EVENTS);
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
const poller = libc.createPoller();

/** @returns seconds @throws Error when a connection fails or has no answer */
function run(order: HellosOrder, hello: Buffer, connections: number): number {
  const to = encodeAddress({ ip: HOST, port: order.port });
  const states = new Uint8Array(1 << 16);
  let opened = 0;
  let ended = 0;

  function open(): void {
    opened++;
    const fd = libc.socket('ipv4');
    if (fd < 0 || libc.connect(fd, to) === BROKEN) throw new Error(`connect failed: ${libc.errorName()}`);
    states[fd] = 0;
    libc.watch(poller, fd, READABLE | WRITABLE, 0);
  }

  function receive(fd: number): void {
    if (states[fd] === 0) {
      if (libc.send(fd, hello, hello.length) !== hello.length) throw new Error('a connection does not take the hello');
      states[fd] = SENT;
      return;
    }
    const bytes = libc.receive(fd, buffer);
    if (bytes === WOULD_BLOCK) return;
    if (bytes > 0) states[fd] = ANSWERED;
    // What is behind the answer is the end, which most often has come with it.
    const next = bytes > 0 ? libc.receive(fd, buffer) : bytes;
    if (next === WOULD_BLOCK) return;
    if (next === BROKEN || next === EXHAUSTED || states[fd] !== ANSWERED)
      throw new Error(`a connection has ended without an answer: ${next === 0 ? 'closed' : libc.errorName()}`);
    libc.close(fd);
    ended++;
    if (opened < connections) open();
  }

  const begunAt = performance.now();
  for (let client = 0; client < order.clients; client++) open();
  while (ended < connections) {
    const count = libc.wait(poller, list, TURN_MS);
    if (count === 0) throw new Error(`${connections - ended} connections have no answer`);
    for (let index = 0; index < count; index++) receive(list.fd(index));
  }
  return (performance.now() - begunAt) / 1000;
}

try {
  const order = JSON.parse(process.argv[2] ?? '') as HellosOrder;
  const hello = await clientHello(NAMES[0]);
  run(order, hello, order.warmup);
  process.stdout.write('ready\n');
  process.stdin.resume();
  await once(process.stdin, 'end');
  process.stdout.write(`${run(order, hello, order.connections)}\n`);
} catch (thrown) {
  process.stderr.write(`${asError(thrown).message}\n`);
  process.exitCode = 1;
}
