import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { arch } from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { temporaryFolder } from '../../../../test/helpers/processes/cli.ts';
import { libcFunction } from '../../../../test/helpers/sockets/relayed.ts';
import { whyNoEpoll } from '../epoll/engine.ts';
import { FAILED, HUNG_UP, PEER_FINISHED, READABLE, WRITABLE } from './event-list.ts';
import { BROKEN, EXHAUSTED, WOULD_BLOCK } from './libc-descriptors.ts';
import { loadLibc } from './libc.ts';
import { encodeAddress, LARGEST_BYTES, portOf } from './socket-address.ts';

const reason = whyNoEpoll();

describe('libc', { skip: reason ?? false }, () => {
  const libc = reason === undefined ? loadLibc() : (undefined as never);
  const buffer = Buffer.alloc(1024);

  function listening(): { readonly listener: number; readonly address: Buffer } {
    const listener = libc.socket('ipv4');
    libc.bind(listener, encodeAddress({ ip: '127.0.0.1', port: 0 }));
    libc.listen(listener, 16);
    const bound = new Uint8Array(LARGEST_BYTES);
    assert.equal(libc.localAddress(listener, bound), 16);
    return { listener, address: encodeAddress({ ip: '127.0.0.1', port: portOf(bound) }) };
  }

  /** Two ends of a TCP connection; over loopback a connect is done as soon as it is asked for. */
  function connected(): readonly [one: number, other: number] {
    const { listener, address } = listening();
    const one = libc.socket('ipv4');
    assert.equal(libc.connect(one, address), WOULD_BLOCK);
    const other = libc.accept(listener, new Uint8Array(LARGEST_BYTES));
    assert(other >= 0);
    libc.close(listener);
    return [one, other];
  }

  function eventsAt(fd: number, wanted: number): number {
    const poller = libc.createPoller();
    const list = libc.eventList(4);
    assert(libc.watch(poller, fd, wanted, 7));
    const count = libc.wait(poller, list, 0);
    const events = count === 0 ? 0 : list.events(0);
    libc.close(poller);
    return events;
  }

  test('bytes go through a socket, and its end', () => {
    const [one, other] = connected();
    assert.equal(libc.receive(other, buffer), WOULD_BLOCK);
    assert(!libc.hasBytes(other));
    assert.equal(libc.send(one, Buffer.from('hello!'), 5), 5);
    assert(libc.hasBytes(other));
    assert.equal(libc.receive(other, buffer), 5);
    assert.equal(buffer.toString('latin1', 0, 5), 'hello');
    libc.finishSending(one);
    assert.equal(eventsAt(other, READABLE | PEER_FINISHED | WRITABLE), READABLE | PEER_FINISHED | WRITABLE);
    assert(!libc.hasBytes(other));
    assert.equal(libc.receive(other, buffer), 0);
    for (const fd of [one, other]) libc.close(fd);
  });

  test('bytes that are looked at stay, and each arrival is told', () => {
    const [one, other] = connected();
    const poller = libc.createPoller();
    const list = libc.eventList(4);
    assert(libc.watch(poller, other, READABLE | PEER_FINISHED, 7));
    for (const [sent, seen] of [
      ['he', 'he'],
      ['llo', 'hello'],
    ] as const) {
      libc.send(one, Buffer.from(sent), sent.length);
      assert.equal(libc.wait(poller, list, 0), 1);
      assert.equal(libc.unread(other), seen.length);
      assert.equal(buffer.toString('latin1', 0, libc.peek(other, buffer)), seen);
      assert.equal(libc.wait(poller, list, 0), 0, 'and nothing else is');
    }
    libc.finishSending(one);
    assert.equal(libc.unread(other), 5);
    assert.equal(libc.receive(other, buffer), 5);
    assert.deepEqual([libc.unread(other), libc.peek(other, buffer)], [0, 0]);
    for (const fd of [one, other, poller]) libc.close(fd);
  });

  test('last bytes leave with the end', () => {
    for (const finish of [(fd: number) => libc.finishSending(fd), (fd: number) => libc.close(fd)]) {
      const [one, other] = connected();
      assert.equal(libc.sendLast(one, Buffer.from('bye'), 3), 3);
      finish(one);
      assert.equal(eventsAt(other, READABLE | PEER_FINISHED) & PEER_FINISHED, PEER_FINISHED);
      assert.equal(libc.receive(other, buffer), 3);
      assert.equal(libc.receive(other, buffer), 0);
      libc.close(other);
    }
  });

  test('a socket that is full takes a part, and then says so', () => {
    const [one, other] = connected();
    const much = Buffer.alloc(64 * 1024 * 1024);
    const sent = libc.send(one, much, much.length);
    assert(sent > 0 && sent < much.length);
    let word = sent;
    while (word > 0) word = libc.send(one, much, much.length);
    assert.equal(word, WOULD_BLOCK);
    assert(libc.unacknowledged(one) > 0);
    for (const fd of [one, other]) libc.close(fd);
  });

  test('a reset is seen by the other end, on reading and on writing', () => {
    const [one, other] = connected();
    libc.reset(one);
    assert.equal(eventsAt(other, READABLE) & (FAILED | HUNG_UP), FAILED | HUNG_UP);
    assert.equal(libc.receive(other, buffer), BROKEN);
    assert.equal(libc.errorName(), 'ECONNRESET');
    assert.equal(libc.send(other, buffer, 1), BROKEN);
    assert.equal(libc.errorName(), 'EPIPE');
    libc.close(other);
  });

  test('splice moves bytes from one socket to another through a pipe', () => {
    const [client, ours] = connected();
    const [theirs, backend] = connected();
    const ends = new Int32Array(2);
    assert(libc.pipe(ends));
    const [readEnd = -1, writeEnd = -1] = ends;
    assert.equal(libc.splice(ours, writeEnd, 65_536), WOULD_BLOCK);
    libc.send(client, Buffer.from('spliced'), 7);
    assert.equal(libc.splice(ours, writeEnd, 65_536), 7);
    assert.equal(libc.splice(readEnd, theirs, 7), 7);
    assert.equal(libc.receive(backend, buffer), 7);
    assert.equal(buffer.toString('latin1', 0, 7), 'spliced');
    libc.finishSending(client);
    assert.equal(libc.splice(ours, writeEnd, 65_536), 0);
    libc.reset(backend);
    libc.send(client, buffer, 1);
    assert.equal(libc.splice(readEnd, theirs, 7), WOULD_BLOCK, 'the pipe is empty');
    for (const fd of [client, ours, theirs, readEnd, writeEnd]) libc.close(fd);
  });

  test('the system says why a call failed', () => {
    const { listener, address } = listening();
    const rival = libc.socket('ipv4');
    assert.throws(() => libc.bind(rival, address), { message: 'bind EADDRINUSE', code: 'EADDRINUSE', syscall: 'bind' });
    assert.equal(libc.accept(listener, buffer), WOULD_BLOCK);
    libc.close(listener);
    const refused = libc.socket('ipv4');
    assert.equal(libc.connect(refused, address), WOULD_BLOCK);
    assert.equal(libc.socketError(refused), 'ECONNREFUSED');
    assert.equal(libc.socketError(refused), '', 'it is told once');
    for (const fd of [rival, refused]) libc.close(fd);
    assert.equal(libc.accept(listener, buffer), BROKEN);
    assert.equal(libc.errorName(), 'EBADF');
    assert.notEqual(EXHAUSTED, BROKEN);
  });

  test('a unix socket connects at once, and fails at once where its backlog is full', (t) => {
    const path = `${temporaryFolder(t)}/backlog.sock`;
    const listener = libc.socket('unix');
    libc.bind(listener, encodeAddress({ path }));
    libc.listen(listener, 0);
    const dials: number[] = [];
    let word = 0;
    while (word === 0 && dials.length < 10) {
      const fd = libc.socket('unix');
      dials.push(fd);
      word = libc.connect(fd, encodeAddress({ path }));
    }
    assert(dials.length > 1, 'the first was connected');
    assert.deepEqual([word, libc.errorName()], [BROKEN, 'EAGAIN']);
    for (const fd of [listener, ...dials]) libc.close(fd);
  });

  test('without descriptors there are no sockets, and the system says that it is for that', (t) => {
    const { listener, address } = listening();
    const client = libc.socket('ipv4');
    libc.connect(client, address);
    limitDescriptors(t, client + 1);
    const ends = new Int32Array(2);
    const tries = [() => libc.accept(listener, buffer), () => libc.socket('ipv4'), () => libc.socket('unix')];
    assert.deepEqual(
      tries.map((attempt) => [attempt(), libc.errorName()]),
      tries.map(() => [EXHAUSTED, 'EMFILE']),
    );
    assert(!libc.pipe(ends));
    for (const fd of [listener, client]) libc.close(fd);
  });

  test('events carry descriptor and tag in the layout of this architecture', () => {
    const poller = libc.createPoller();
    const list = libc.eventList(4);
    assert.equal(list.memory.length, 4 * (arch === 'x64' ? 12 : 16));
    const counters = [libc.eventCounter(), libc.eventCounter(), libc.eventCounter()];
    counters.forEach((fd, index) => {
      assert(libc.watch(poller, fd, READABLE, 0xffff_fff0 + index));
      libc.wake(fd);
    });
    assert.equal(libc.wait(poller, list, 0), 3);
    const seen = [0, 1, 2].map((index) => [list.fd(index), list.tag(index), list.events(index)]);
    assert.deepEqual(
      seen.toSorted(([one = 0], [other = 0]) => one - other),
      counters.map((fd, index) => [fd, 0xffff_fff0 + index, READABLE]),
    );
    assert.equal(libc.wait(poller, list, 0), 0, 'each change is told once');
    for (const fd of [poller, ...counters]) libc.close(fd);
  });

  test('a level is told as long as it lasts', () => {
    const poller = libc.createPoller();
    const list = libc.eventList(1);
    const counter = libc.eventCounter();
    assert(libc.watchShared(poller, counter, 1));
    libc.wake(counter);
    assert.deepEqual([libc.wait(poller, list, 0), libc.wait(poller, list, 0)], [1, 1]);
    libc.drain(counter);
    assert.equal(libc.wait(poller, list, 0), 0);
    libc.unwatch(poller, counter);
    assert(!libc.watchShared(poller, -1, 1));
    for (const fd of [poller, counter]) libc.close(fd);
  });

  test('what is open is marked, until it is closed', () => {
    const opened = new Uint8Array(4096);
    libc.trackIn(opened);
    const ends = new Int32Array(2);
    assert(libc.pipe(ends));
    const all = [...connected(), libc.createPoller(), libc.eventCounter(), ...ends];
    const marked = [...opened.keys()].filter((fd) => opened[fd] === 1);
    assert.deepEqual(
      marked,
      all.toSorted((one, other) => one - other),
    );
    const [first = -1, ...rest] = all;
    libc.reset(first);
    for (const fd of rest) libc.close(fd);
    assert(!opened.includes(1));
    libc.trackIn(new Uint8Array(0));
    assert(!existsSync(`/proc/self/fd/${first}`));
  });
});

/** Lets this process open no descriptor from this one on, until the test ends: setrlimit(2). */
function limitDescriptors(t: TestContext, first: number): void {
  const [get, set] = ['int getrlimit(int, void *)', 'int setrlimit(int, const void *)'].map(libcFunction);
  const NOFILE = 7;
  const limits = new BigUint64Array(2);
  const bytes = new Uint8Array(limits.buffer);
  assert.equal(get?.(NOFILE, bytes), 0);
  const before = limits[0] ?? 0n;
  t.after(() => {
    limits[0] = before;
    set?.(NOFILE, bytes);
  });
  limits[0] = BigInt(first);
  assert.equal(set?.(NOFILE, bytes), 0);
}
