/**
 * The client of the ping-pong: sends by a schedule, whatever comes back, and prints how long the answers took.
 * Its order stands in the first argument, as JSON. The event loop is its own, because Node's would add its own delays
 * to those it measures.
 */
import { asError } from '../../../src/core/errors.ts';
import { FAILED, HUNG_UP, READABLE, WRITABLE, type EventList } from '../../../src/data/engines/linux/event-list.ts';
import { BROKEN, WOULD_BLOCK } from '../../../src/data/engines/linux/libc-descriptors.ts';
import { type Libc, loadLibc } from '../../../src/data/engines/linux/libc.ts';
import { encodeAddress } from '../../../src/data/engines/linux/socket-address.ts';
import { HOST } from '../ports.ts';
import { type PingOrder, Schedule } from './schedule.ts';
import { Ticker } from './ticker.ts';

const BUFFER_BYTES = 64 * 1024;
const EVENTS = 256;

/** For what is still under way when the last message was sent. */
const LAST_ANSWERS_MS = 5000;

/** A turn without an event lasts so long at most. */
const TURN_MS = 100;

const libc = loadLibc();
const list = libc.eventList(EVENTS);

/** @throws Error when it cannot be opened within the time */
function openConnection(port: number): number {
  const fd = libc.socket('ipv4');
  libc.setOption(fd, 'noDelay', 1);
  if (libc.connect(fd, encodeAddress({ ip: HOST, port })) === BROKEN)
    throw new Error(`connect failed: ${libc.errorName()}`);
  const poller = libc.createPoller();
  libc.watch(poller, fd, WRITABLE, 0);
  const count = libc.wait(poller, list, LAST_ANSWERS_MS);
  libc.close(poller);
  const isOpen = count === 1 && (list.events(0) & (FAILED | HUNG_UP)) === 0;
  if (!isOpen) throw new Error(`connect failed: ${libc.socketError(fd) || 'no answer'}`);
  return fd;
}

function run(order: PingOrder): Schedule {
  const fds = Array.from({ length: order.connections }, () => openConnection(order.port));
  const message = Buffer.alloc(order.messageBytes, 'x');
  const poller = libc.createPoller();
  for (const [connection, fd] of fds.entries()) libc.watch(poller, fd, READABLE, connection);
  const ticker = new Ticker();
  libc.watch(poller, ticker.fd, READABLE, 0);
  // For the first time slowly, as code goes.
  ticker.start(order.perSecond);

  // Begun just before the ticks, so that a message is due when one comes; the other way round it would wait for the next.
  const schedule = new Schedule(order, performance.now());
  ticker.start(order.perSecond);
  const endsAt = performance.now() + (schedule.total / order.perSecond) * 1000 + LAST_ANSWERS_MS;
  while (!schedule.isDone) {
    const count = libc.wait(poller, list, TURN_MS);
    receive(libc, list, { count, ticker: ticker.fd, schedule });
    const now = performance.now();
    for (let due = schedule.nextDue(now); due !== undefined; due = schedule.nextDue(now)) {
      if (libc.send(fds[due] ?? -1, message, message.length) !== message.length)
        throw new Error('a connection takes no more messages');
    }
    if (now > endsAt) throw new Error(`${schedule.unanswered} of ${schedule.total} messages have no answer`);
  }
  return schedule;
}

const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

interface Turn {
  readonly count: number;
  readonly ticker: number;
  readonly schedule: Schedule;
}

function receive(from: Libc, events: EventList, { count, ticker, schedule }: Turn): void {
  for (let index = 0; index < count; index++) {
    const fd = events.fd(index);
    if (fd === ticker) {
      from.drain(ticker);
      continue;
    }
    for (let bytes = from.receive(fd, buffer); bytes !== WOULD_BLOCK; bytes = from.receive(fd, buffer)) {
      if (bytes <= 0) throw new Error('a connection was closed');
      schedule.received(events.tag(index), bytes, performance.now());
    }
  }
}

try {
  const schedule = run(JSON.parse(process.argv[2] ?? '') as PingOrder);
  process.stdout.write(`${JSON.stringify(schedule.result())}\n`);
} catch (thrown) {
  process.stderr.write(`${asError(thrown).message}\n`);
  process.exitCode = 1;
}
