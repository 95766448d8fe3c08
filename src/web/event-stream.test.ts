import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';

import { FakeClock, turn } from '../../test/helpers/fakes/fake-clock.ts';
import { ask, open, startWeb, untilClosed } from '../../test/helpers/sockets/web.ts';
import type { SocketAddress } from '../core/address.ts';
import { EventStream, type Subscription } from './event-stream.ts';

const REQUEST = 'GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n';
const MIB = 1_048_576;

async function streaming(t: TestContext, subscription: Partial<Subscription> = {}, mostClients = 2_000) {
  const clock = new FakeClock();
  const stream = new EventStream({ clock, mostClients });
  const gone = new EventEmitter();
  const started = await startWeb(t, (app) => {
    app.get('/events', (_request, reply) => {
      void reply.header('access-control-allow-origin', '*');
      stream.open(reply, { wants: () => true, closed: () => gone.emit('gone'), ...subscription });
    });
  });
  return { ...started, clock, stream, gone };
}

/** A client of a stream. Keeps the first and the last of what it gets. */
class Listener {
  readonly socket: Socket;
  bytes = 0;
  text = '';
  last = '';

  constructor(t: TestContext, address: SocketAddress) {
    this.socket = open(t, address);
    this.socket.write(REQUEST);
    this.socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (this.text.length < 4_096) this.text += chunk.toString();
      this.last = (this.last + chunk.subarray(-1_024).toString()).slice(-1_024);
    });
  }

  /** Resolves when this is among the last that came. */
  async heard(text: string): Promise<this> {
    while (!this.last.includes(text)) await once(this.socket, 'data');
    return this;
  }

  get body(): string {
    return this.text.slice(this.text.indexOf('\r\n\r\n') + 4);
  }
}

/** Of a mebibyte, with a mark at its end. */
function large(event: string, mark: string) {
  return { event, data: `${'x'.repeat(MIB)} ${mark}` };
}

test('a client gets a stream, what stands at its start, and what it wants', async (t) => {
  const first = [{ event: 'change', data: '1', id: '7' }];
  const { address, stream } = await streaming(t, { first: () => first, wants: (event) => event === 'change' });
  const listener = await new Listener(t, address).heard('data: 1\n\n');
  assert.match(listener.text, /^HTTP\/1\.1 200 OK\r\n/);
  for (const header of [
    'content-type: text/event-stream; charset=utf-8',
    'cache-control: no-store',
    'access-control-allow-origin: *',
    'Connection: close',
  ]) {
    assert.ok(listener.text.toLowerCase().includes(`\r\n${header.toLowerCase()}\r\n`), header);
  }
  stream.send({ event: 'snapshot', data: 'not wanted' });
  stream.send({ event: 'change', data: 'two\nlines', id: '8' });
  await listener.heard('lines\n\n');
  assert.equal(
    listener.body,
    'retry: 2000\n\nevent: change\nid: 7\ndata: 1\n\nevent: change\nid: 8\ndata: two\ndata: lines\n\n',
  );
});

test('beyond the limit it is 503', async (t) => {
  const { address, stream, gone, log } = await streaming(t, {}, 1);
  const listener = await new Listener(t, address).heard('retry');
  const { status, headers, body } = await ask(address, '/events');
  assert.deepEqual([status, headers['retry-after']], [503, '30']);
  assert.equal(body, 'too many streams are open: 1; try again later');
  assert.deepEqual(log.lines, []);
  listener.socket.destroy();
  await once(gone, 'gone');
  assert.equal(stream.clients, 0);
  await new Listener(t, address).heard('retry');
});

test('nothing runs without clients; those that hear nothing get a sign of life', async (t) => {
  const { address, clock, stream, gone } = await streaming(t);
  assert.equal(clock.timers, 0);
  const listener = await new Listener(t, address).heard('retry: 2000\n\n');
  assert.equal(clock.timers, 1);
  clock.advance(15_000);
  stream.send({ event: 'a', data: '1' });
  await listener.heard('data: 1\n\n');
  clock.advance(15_000);
  clock.advance(15_000);
  await listener.heard(':\n\n');
  stream.send({ event: 'a', data: '2' });
  await listener.heard('data: 2\n\n');
  assert.equal(listener.body, 'retry: 2000\n\nevent: a\ndata: 1\n\n:\n\nevent: a\ndata: 2\n\n');
  listener.socket.destroy();
  await once(gone, 'gone');
  assert.equal(clock.timers, 0);
});

test('a client that does not read misses messages, is dropped after 30 seconds, and holds up no other', async (t) => {
  const { address, clock, stream, gone } = await streaming(t);
  const deaf = await new Listener(t, address).heard('retry');
  deaf.socket.pause();
  const listener = await new Listener(t, address).heard('retry');
  for (let second = 0; second < 40; second++) {
    stream.send(large('snapshot', `second ${second}`), true);
    await listener.heard(`second ${second}\n`);
    clock.advance(1_000);
    if (second < 30) assert.equal(stream.clients, 2);
  }
  while (stream.clients > 1) await once(gone, 'gone');
  deaf.socket.resume();
  await untilClosed(deaf.socket);
  assert.ok(deaf.bytes < 20 * MIB, `${deaf.bytes} bytes were kept for who did not read`);
});

test('a client that reads again in time stays', async (t) => {
  const { address, clock, stream } = await streaming(t);
  const slow = await new Listener(t, address).heard('retry');
  for (let round = 0; round < 3; round++) {
    slow.socket.pause();
    for (let second = 0; second < 25; second++) {
      stream.send(large('snapshot', 'skipped or not'), true);
      clock.advance(1_000);
    }
    slow.socket.resume();
    stream.send({ event: 'change', data: `round ${round}` });
    await slow.heard(`round ${round}\n\n`);
  }
  assert.equal(stream.clients, 1);
});

test('a message that may not be skipped is kept for a client that does not read, but not without end', async (t) => {
  const { address, stream, gone } = await streaming(t);
  const deaf = await new Listener(t, address).heard('retry');
  deaf.socket.pause();
  const isGone = once(gone, 'gone');
  let sent = 0;
  for (; stream.clients > 0; sent++) {
    stream.send(large('change', ''));
    await turn();
  }
  await isGone;
  assert.ok(sent > 4 && sent < 40, `${sent} were kept`);
});

test('a message in the turn in which a client was dropped harms no other client', async (t) => {
  const { address, clock, stream, gone } = await streaming(t);
  const deaf = await new Listener(t, address).heard('retry');
  deaf.socket.pause();
  for (let count = 0; count < 40; count++) stream.send(large('snapshot', ''), true);
  clock.advance(30_000);
  const isGone = once(gone, 'gone');
  for (let count = 0; count < 10; count++) stream.send(large('snapshot', ''));
  for (let count = 0; count < 10; count++) stream.send({ event: 'change', data: '1' });
  await isGone;
  assert.equal(stream.clients, 0);
});

test('a client that asks for more behind a stream has left it', async (t) => {
  const { address, stream, gone } = await streaming(t);
  const socket = open(t, address);
  const left = once(gone, 'gone');
  socket.write(REQUEST + REQUEST);
  await untilClosed(socket);
  await left;
  assert.equal(stream.clients, 0);
});

test('a client that left before its stream was opened is not kept', async (t) => {
  const clock = new FakeClock();
  const stream = new EventStream({ clock });
  const calls = new EventEmitter();
  const { address } = await startWeb(t, (app) => {
    app.get('/events', async (_request, reply) => {
      const left = once(reply.raw, 'close');
      calls.emit('call');
      await left;
      stream.open(reply, { wants: () => true });
      calls.emit('opened');
    });
  });
  const called = once(calls, 'call');
  const opened = once(calls, 'opened');
  const { socket } = new Listener(t, address);
  await called;
  socket.destroy();
  await opened;
  assert.equal(stream.clients, 0);
  assert.equal(clock.timers, 0);
});

test('a thousand clients get each message once', async (t) => {
  const { address, stream } = await streaming(t);
  const listeners: Listener[] = [];
  while (listeners.length < 1_000) {
    const more = Array.from({ length: 100 }, () => new Listener(t, address));
    listeners.push(...(await Promise.all(more.map((listener) => listener.heard('retry')))));
  }
  assert.equal(stream.clients, 1_000);
  for (const data of ['1', '2', '3']) {
    stream.send({ event: 'snapshot', data }, true);
    await Promise.all(listeners.map((listener) => listener.heard(`data: ${data}\n\n`)));
  }
  const message = (data: number) => `event: snapshot\ndata: ${data}\n\n`;
  for (const { body } of listeners) assert.equal(body, `retry: 2000\n\n${message(1)}${message(2)}${message(3)}`);
});
