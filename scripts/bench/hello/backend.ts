/**
 * A backend that awaits a ClientHello, answers with a few bytes and closes. It lets a PROXY header stand before it, and
 * reads neither. Prints its two ports on 127.0.0.1 and ends when it is stopped.
 */
import { READABLE } from '../../../src/data/engines/linux/event-list.ts';
import { loadLibc } from '../../../src/data/engines/linux/libc.ts';
import { encodeAddress, LARGEST_BYTES, portOf } from '../../../src/data/engines/linux/socket-address.ts';
import { HOST } from '../ports.ts';
import { bytesExpected } from './expected.ts';

const BACKLOG = 4096;
const BUFFER_BYTES = 64 * 1024;
const EVENTS = 512;
const LISTENERS = 2;
/** The alert unrecognized_name: as good an answer as any. */
const ANSWER = Buffer.from([0x15, 0x03, 0x03, 0, 2, 2, 112]);

const libc = loadLibc();
const poller = libc.createPoller();
const list = libc.eventList(EVENTS);
const address = Buffer.alloc(LARGEST_BYTES);
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
/** By descriptor, what has come of a client that has not sent all. */
const begun = new Map<number, Buffer>();

const listeners = Array.from({ length: LISTENERS }, () => {
  const listener = libc.socket('ipv4');
  libc.setOption(listener, 'reuseAddress', 1);
  libc.bind(listener, encodeAddress({ ip: HOST, port: 0 }));
  libc.listen(listener, BACKLOG);
  libc.watch(poller, listener, READABLE, 0);
  return listener;
});

function portOfListener(listener: number): number {
  libc.localAddress(listener, address);
  return portOf(address);
}

function accept(listener: number): void {
  for (let fd = libc.accept(listener, address); fd >= 0; fd = libc.accept(listener, address))
    libc.watch(poller, fd, READABLE, 0);
}

/** The hello and what stands before it are often two writes. */
function read(fd: number): void {
  const length = libc.receive(fd, buffer);
  const earlier = begun.get(fd);
  if (length <= 0) return libc.close(fd);
  const bytes =
    earlier === undefined ? buffer.subarray(0, length) : Buffer.concat([earlier, buffer.subarray(0, length)]);
  const expected = bytesExpected(bytes);
  if (expected === undefined || bytes.length < expected) return void begun.set(fd, Buffer.from(bytes));
  if (earlier !== undefined) begun.delete(fd);
  libc.sendLast(fd, ANSWER, ANSWER.length);
  libc.close(fd);
}

process.stdout.write(`${listeners.map(portOfListener).join(' ')}\n`);
for (;;) {
  const count = libc.wait(poller, list, -1);
  for (let index = 0; index < count; index++) {
    const fd = list.fd(index);
    if (listeners.includes(fd)) accept(fd);
    else read(fd);
  }
}
