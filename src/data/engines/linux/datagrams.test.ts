import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { whyNoEpoll } from '../epoll/engine.ts';
import { AnswerBatch, MOST_WAITING, type Answered } from './answer-batch.ts';
import { DatagramSender } from './datagram-sender.ts';
import { loadLibc } from './libc.ts';
import * as layout from './message-layout.ts';
import { NativeMemory } from './native-memory.ts';
import { ReceiveBatch } from './receive-batch.ts';
import { encodeAddress, LARGEST_BYTES, portOf } from './socket-address.ts';
import { TakeBatch } from './take-batch.ts';

const reason = whyNoEpoll();
const KIB = 1024;

describe('memory for datagrams', { skip: reason ?? false }, () => {
  const libc = reason === undefined ? loadLibc() : (undefined as never);

  /** Memory that the kernel reads by its address. */
  const alive: NativeMemory[] = [];

  function boundSocket(t: TestContext): { readonly fd: number; readonly name: Uint8Array } {
    const fd = libc.datagramSocket('ipv4');
    t.after(() => libc.close(fd));
    libc.bind(fd, encodeAddress({ ip: '127.0.0.1', port: 0 }));
    const bytes = new Uint8Array(LARGEST_BYTES);
    libc.localAddress(fd, bytes);
    return { fd, name: encodeAddress({ ip: '127.0.0.1', port: portOf(bytes) }) };
  }

  function connectedTo(t: TestContext, name: Uint8Array): number {
    const fd = libc.datagramSocket('ipv4');
    t.after(() => libc.close(fd));
    assert.equal(libc.connect(fd, name), 0);
    return fd;
  }

  function memoryOf(text: string): NativeMemory {
    const memory = new NativeMemory(libc, text.length);
    memory.bytes.set(Buffer.from(text));
    alive.push(memory);
    return memory;
  }

  function send(fd: number, ...texts: readonly string[]): void {
    for (const text of texts) libc.send(fd, Buffer.from(text), text.length);
  }

  function received(fd: number): readonly string[] {
    const buffer = Buffer.alloc(64 * KIB);
    const texts: string[] = [];
    for (let length = 0; (length = libc.receive(fd, buffer)) >= 0;) texts.push(buffer.toString('latin1', 0, length));
    return texts;
  }

  function clientAt(name: Uint8Array, lost: number[] = []): Answered {
    const memory = new NativeMemory(libc, layout.NAME_BYTES);
    memory.bytes.set(name);
    return {
      nameAddress: memory.address,
      nameBytes: name.length,
      control: memory,
      controlAt: 0,
      controlBytes: 0,
      takesJoined: true,
      lost: (bytes) => lost.push(bytes),
    };
  }

  /** Adds what a backend would have sent. */
  function answer(batch: AnswerBatch, client: Answered, bytes: NativeMemory, segmentBytes = 0): void {
    batch.buffersFor(1);
    batch.use(1);
    batch.add(client, bytes.address, bytes.bytes.length, segmentBytes);
  }

  test('a batch has what came, who sent it, and nothing of the time before', (t) => {
    const { fd, name } = boundSocket(t);
    const batch = new ReceiveBatch(libc);
    const [one, other] = [connectedTo(t, name), connectedTo(t, name)];
    assert.equal(batch.receive(fd, false), 0);
    send(one, 'a', '', 'ccc');
    send(other, 'dddd');
    assert.equal(batch.receive(fd, false), 4);
    const text = (index: number) => Buffer.from(batch.view(batch.addressOf(index), batch.lengthOf(index))).toString();
    assert.deepEqual([0, 1, 2, 3].map(text), ['a', '', 'ccc', 'dddd']);
    assert.equal(batch.isOfSameSender(0, 2, false), true);
    assert.equal(batch.isOfSameSender(2, 3, false), false);
    assert.equal(batch.isFull, false);
    send(one, 'e');
    assert.equal(batch.receive(fd, true), 1);
    assert.equal(text(0), 'e');
    batch.readControl(0);
    assert.deepEqual([batch.segmentBytes, batch.localWords], [0, 0]);
  });

  test('a datagram that is longer than its buffer is known to be cut', (t) => {
    const { fd, name } = boundSocket(t);
    const batch = new ReceiveBatch(libc, 4);
    send(connectedTo(t, name), '1234', '12345', '1');
    assert.equal(batch.receive(fd, false), 3);
    assert.deepEqual(
      [0, 1, 2].map((index) => batch.isCut(index)),
      [false, true, false],
    );
  });

  test('what is kept stays until so much more was kept', (t) => {
    const { fd, name } = boundSocket(t);
    const batch = new ReceiveBatch(libc);
    const client = connectedTo(t, name);
    send(client, 'first');
    batch.receive(fd, false);
    const ticket = batch.keep(batch.addressOf(0), 5);
    const kept = () => Buffer.from(batch.view(batch.keptAt(ticket), 5)).toString();
    send(client, 'other');
    batch.receive(fd, false);
    assert.equal(kept(), 'first');
    const large = new Uint8Array(1000 * KIB);
    for (let n = 0; n < 4; n++) batch.keepCopy(large);
    assert.equal(kept(), 'first');
    batch.keepCopy(large);
    assert.equal(batch.keptAt(ticket), 0);
  });

  test('two pieces are one datagram, and a message is cut into datagrams', (t) => {
    const { fd, name } = boundSocket(t);
    const sender = new DatagramSender(libc);
    const client = connectedTo(t, name);
    const bytes = memoryOf('aaabbbcc');
    assert.equal(sender.sendBehind(client, memoryOf('before '), bytes.address, 3), 10);
    assert.equal(sender.sendJoined(client, bytes.address, 8, 3), 8);
    assert.deepEqual(received(fd), ['before aaa', 'aaa', 'bbb', 'cc']);
  });

  test('datagrams that the kernel has joined are taken with their size', (t) => {
    const { fd, name } = boundSocket(t);
    libc.setOption(fd, 'joinDatagrams', 1);
    const sender = new DatagramSender(libc);
    const bytes = memoryOf('aaabbbcc');
    const batch = new ReceiveBatch(libc);
    const client = connectedTo(t, name);
    sender.sendJoined(client, bytes.address, 8, 3);
    send(client, 'single');
    assert.equal(batch.receive(fd, true), 2);
    const sizes = [0, 1].map((index) => {
      batch.readControl(index);
      return [batch.lengthOf(index), batch.segmentBytes];
    });
    assert.deepEqual(sizes, [
      [8, 3],
      [6, 0],
    ]);
    const taken = new TakeBatch(libc);
    const into = new NativeMemory(libc, 16 * layout.BUFFER_STRIDE);
    sender.sendJoined(client, bytes.address, 8, 3);
    send(client, 'single');
    assert.equal(taken.take(fd, into.address), 2);
    assert.deepEqual(
      [0, 1].map((index) => [taken.lengthOf(index), taken.segmentOf(index), taken.isCut(index)]),
      [
        [8, 3, false],
        [6, 0, false],
      ],
    );
  });

  test('answers leave in order, each to its client, those of one size as one message', (t) => {
    const [from, one, other] = [boundSocket(t), boundSocket(t), boundSocket(t)];
    const calls: number[] = [];
    const sendMany = libc.sendMany.bind(libc);
    t.mock.method(libc, 'sendMany', (fd: number, headers: number, count: number) => {
      calls.push(count);
      return sendMany(fd, headers, count);
    });
    const batch = new AnswerBatch(libc);
    batch.through(from.fd);
    const [toOne, toOther] = [clientAt(one.name), clientAt(other.name)];
    for (const text of ['aa', 'bb', 'c', 'dd', '', 'ee']) answer(batch, toOne, memoryOf(text));
    answer(batch, toOther, memoryOf('111222333'), 3);
    answer(batch, toOther, memoryOf('444'));
    answer(batch, toOne, memoryOf('f'));
    batch.flush();
    assert.deepEqual(received(one.fd), ['aa', 'bb', 'c', 'dd', '', 'ee', 'f']);
    assert.deepEqual(received(other.fd), ['111', '222', '333', '444']);
    assert.deepEqual(calls, [7]);
    assert.equal(batch.isEmpty, true);
  });

  test('a batch that is full, or is for another socket, is sent', (t) => {
    const [from, second, to] = [boundSocket(t), boundSocket(t), boundSocket(t)];
    const batch = new AnswerBatch(libc);
    batch.through(from.fd);
    const client = clientAt(to.name);
    const text = memoryOf('x');
    for (let n = 0; n < MOST_WAITING + 3; n++) answer(batch, client, text);
    assert.equal(received(to.fd).length, MOST_WAITING);
    batch.through(second.fd);
    assert.equal(received(to.fd).length, 3);
    assert.equal(batch.isEmpty, true);
  });

  test('a message that the kernel does not take is sent one by one, and what it never takes is lost', (t) => {
    const [from, to] = [boundSocket(t), boundSocket(t)];
    const batch = new AnswerBatch(libc);
    batch.through(from.fd);
    const lost: number[] = [];
    const nowhere = clientAt(encodeAddress({ ip: '127.0.0.1', port: 0 }), lost);
    const client = clientAt(to.name, lost);
    // No segment may be larger than what the device takes: over loopback, 64 KiB.
    const half = new NativeMemory(libc, 40 * KIB);
    answer(batch, nowhere, memoryOf('abc'));
    answer(batch, client, memoryOf('one'));
    answer(batch, client, half);
    answer(batch, nowhere, memoryOf('de'));
    answer(batch, nowhere, memoryOf('fg'));
    answer(batch, client, memoryOf('two'));
    batch.flush();
    assert.deepEqual(
      received(to.fd).map(({ length }) => length),
      [3, 40 * KIB, 3],
    );
    assert.deepEqual(lost, [3, 2, 2]);
    assert.equal(nowhere.takesJoined, false);
    assert.equal(client.takesJoined, true);
  });
});
