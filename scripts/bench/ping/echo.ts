/**
 * A backend that sends back what it gets, at little cost of its own. Prints its port on 127.0.0.1 and ends when it is
 * stopped. Without koffi it does the same by node:net.
 */
import { createServer } from 'node:net';

import { READABLE } from '../../../src/data/engines/linux/event-list.ts';
import { BROKEN, WOULD_BLOCK } from '../../../src/data/engines/linux/libc-descriptors.ts';
import { type Libc, loadLibc } from '../../../src/data/engines/linux/libc.ts';
import { encodeAddress, LARGEST_BYTES, portOf } from '../../../src/data/engines/linux/socket-address.ts';
import { HOST } from '../ports.ts';

const BACKLOG = 4096;
const BUFFER_BYTES = 64 * 1024;
const EVENTS = 512;

function echoByNode(): void {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.pipe(socket);
    // A client that leaves does so in its own way.
    socket.on('error', () => undefined);
  });
  server.listen({ host: HOST, port: 0, backlog: BACKLOG }, () => {
    const address = server.address();
    if (typeof address === 'object') process.stdout.write(`${address?.port ?? 0}\n`);
  });
}

function echoByEpoll(libc: Libc): void {
  const poller = libc.createPoller();
  const listener = libc.socket('ipv4');
  libc.setOption(listener, 'reuseAddress', 1);
  libc.bind(listener, encodeAddress({ ip: HOST, port: 0 }));
  libc.listen(listener, BACKLOG);
  libc.watch(poller, listener, READABLE, 0);
  const address = Buffer.alloc(LARGEST_BYTES);
  libc.localAddress(listener, address);
  process.stdout.write(`${portOf(address)}\n`);

  const list = libc.eventList(EVENTS);
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

  function accept(): void {
    for (let fd = libc.accept(listener, address); fd >= 0; fd = libc.accept(listener, address)) {
      libc.setOption(fd, 'noDelay', 1);
      libc.watch(poller, fd, READABLE, 0);
    }
  }

  /** A client that does not read its answers is cut: its measurement is over, and it will say so. */
  function answer(fd: number): void {
    for (;;) {
      const length = libc.receive(fd, buffer);
      if (length === WOULD_BLOCK) return;
      if (length === 0 || length === BROKEN) return libc.close(fd);
      if (libc.send(fd, buffer, length) !== length) return libc.reset(fd);
    }
  }

  for (;;) {
    const count = libc.wait(poller, list, -1);
    for (let index = 0; index < count; index++) {
      const fd = list.fd(index);
      if (fd === listener) accept();
      else answer(fd);
    }
  }
}

function libcOrNothing(): Libc | undefined {
  try {
    return loadLibc();
  } catch {
    // The slower way does.
    return undefined;
  }
}

const libc = libcOrNothing();
if (libc === undefined) echoByNode();
else echoByEpoll(libc);
