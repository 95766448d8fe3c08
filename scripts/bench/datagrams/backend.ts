/**
 * Backends for datagrams, at little cost of their own: an echo, and a sink that counts. Prints the port of each on
 * 127.0.0.1 and ends when it is stopped. The sink answers a datagram of one byte with the bytes that have come so far.
 */
import { READABLE } from '../../../src/data/engines/linux/event-list.ts';
import { loadLibc } from '../../../src/data/engines/linux/libc.ts';
import { Batch } from './batch.ts';
import { UdpCalls } from './udp-calls.ts';

/** One is as long as what is measured, or somewhat more. */
const ECHOED = { datagrams: 128, bytes: 2048 } as const;
const JOINED = { datagrams: 32, bytes: 64 * 1024 } as const;
const EVENTS = 8;

const libc = loadLibc();
const calls = new UdpCalls(libc);
const poller = libc.createPoller();
const list = libc.eventList(EVENTS);

const echo = calls.bound();
const echoed = new Batch(calls, ECHOED.datagrams, ECHOED.bytes);
const sink = calls.bound();
const sunk = new Batch(calls, JOINED.datagrams, JOINED.bytes);
calls.joined(sink.fd);
let total = 0;

function answer(): void {
  for (let count = echoed.receive(echo.fd); count > 0; count = echoed.receive(echo.fd)) echoed.sendBack(echo.fd, count);
}

function sinkAll(): void {
  for (let count = sunk.receive(sink.fd); count > 0; count = sunk.receive(sink.fd)) {
    for (let index = 0; index < count; index++) {
      const bytes = sunk.bytes(index);
      if (bytes > 1) total += bytes;
      else sunk.answer(sink.fd, index, total);
    }
    sunk.release(count);
  }
}

libc.watch(poller, echo.fd, READABLE, 0);
libc.watch(poller, sink.fd, READABLE, 0);
process.stdout.write(`${echo.port} ${sink.port}\n`);
for (;;) {
  const count = libc.wait(poller, list, -1);
  for (let index = 0; index < count; index++) {
    if (list.fd(index) === echo.fd) answer();
    else sinkAll();
  }
}
