import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { DatagramRig } from '../../../../../test/helpers/sockets/datagram-rig.ts';
import { seededRandom } from '../../../../../test/helpers/fakes/test-capacity.ts';
import { whyNoEpoll } from '../engine.ts';
import { BROKEN } from '../../linux/libc-descriptors.ts';
import { ReceiveBatch } from '../../linux/receive-batch.ts';

/** What a test has done to a call of libc. */
interface Calls {
  count: number;
}

describe('datagrams by epoll', { skip: whyNoEpoll() ?? false }, () => {
  /** Has calls fail as the kernel would have them. @param fails by how many calls there were before */
  function failing(
    t: TestContext,
    rig: DatagramRig,
    name: 'receiveAt' | 'sendAt' | 'sendMessage' | 'connect',
    code: string,
    fails: (call: number) => boolean,
  ): Calls {
    const calls = { count: 0 };
    const call = (rig.libc[name] as (...args: readonly unknown[]) => number).bind(rig.libc);
    const errorName = rig.libc.errorName.bind(rig.libc);
    let hasFailed = false;
    t.mock.method(rig.libc, name, (...args: readonly unknown[]) => {
      hasFailed = fails(calls.count++);
      return hasFailed ? BROKEN : call(...args);
    });
    t.mock.method(rig.libc, 'errorName', () => (hasFailed ? code : errorName()));
    return calls;
  }

  function digits(count: number, bytes = 1): readonly string[] {
    return Array.from({ length: count }, (_, n) => `${n}`.padStart(bytes, '.'));
  }

  test('a datagram whose send says ECONNREFUSED was not sent, and goes with the one before to the next backend', (t) => {
    const rig = new DatagramRig(t);
    const backend = rig.socket();
    rig.listen();
    rig.backends = [rig.closedPort(), backend.address];
    // Of different sizes, so that they do not leave as one.
    rig.send(rig.client(), 'a', 'bb');
    rig.iterate();
    assert.deepEqual(rig.told, ['0 refused ECONNREFUSED']);
    assert.deepEqual(rig.received(backend), ['a', 'bb']);
    rig.endAll();
    assert.deepEqual(rig.moved, { rx: 0, tx: 2, rxBytes: 0, txBytes: 3 });
  });

  test('what was answered is not sent again when the backend is refused later', (t) => {
    const rig = new DatagramRig(t);
    const [first, second] = [rig.socket(), rig.socket()];
    rig.listen();
    rig.backends = [first.address, second.address];
    const client = rig.client();
    rig.send(client, 'answered');
    rig.iterate();
    const [port] = [rig.pairs[0]!.backendLocalAddress()].map((name) => (name.charCodeAt(4) << 8) | name.charCodeAt(5));
    rig.answer(first, { fd: -1, address: { ip: '127.0.0.1', port: port! } }, 'answer');
    rig.iterate();
    assert.deepEqual(rig.received(client), ['answer']);
    rig.libc.close(first.fd);
    rig.send(client, 'unanswered');
    rig.iterate(4);
    assert.deepEqual(rig.received(second), ['unanswered']);
  });

  test('a way that takes no datagram so long says nothing of the backend', (t) => {
    const rig = new DatagramRig(t);
    const backend = rig.socket();
    rig.listen();
    rig.backends = [backend.address];
    const client = rig.client();
    rig.send(client, 'a');
    rig.iterate();
    const name = rig.pairs[0]!.backendLocalAddress();
    const session = { fd: -1, address: { ip: '127.0.0.1', port: (name.charCodeAt(4) << 8) | name.charCodeAt(5) } };
    failing(t, rig, 'receiveAt', 'EMSGSIZE', (call) => call === 0);
    rig.answer(backend, session, 'answer');
    rig.iterate();
    assert.deepEqual([rig.received(client), rig.told], [['answer'], []]);
  });

  test('a burst that cannot leave as one message leaves datagram by datagram, and so do those after it', (t) => {
    const rig = new DatagramRig(t);
    const backend = rig.socket();
    rig.listen();
    rig.backends = [backend.address];
    const calls = failing(t, rig, 'sendMessage', 'EMSGSIZE', () => true);
    const client = rig.client();
    rig.send(client, ...digits(9));
    rig.iterate();
    rig.send(client, ...digits(5));
    rig.iterate();
    assert.deepEqual(rig.received(backend), [...digits(9), ...digits(5)]);
    assert.equal(calls.count, 1);
    rig.endAll();
    assert.equal(rig.moved.tx, 14);
  });

  test('a datagram that the kernel refuses is tried once more, and then dropped', (t) => {
    const rig = new DatagramRig(t);
    const backend = rig.socket();
    rig.listen();
    rig.backends = [backend.address];
    failing(t, rig, 'sendAt', 'ENOBUFS', (call) => call < 3);
    rig.send(rig.client(), 'a', 'bb');
    rig.iterate();
    assert.deepEqual(rig.received(backend), ['bb']);
    assert.equal(rig.dropped.get('unsent'), 1);
    rig.endAll();
    assert.deepEqual([rig.moved.tx, rig.moved.txBytes], [1, 2]);
  });

  test('a host without a port left is no fault of the backend', (t) => {
    const rig = new DatagramRig(t);
    rig.listen();
    rig.backends = [rig.socket().address];
    const client = rig.client();
    failing(t, rig, 'connect', 'EAGAIN', () => true);
    rig.send(client, 'a');
    rig.iterate();
    assert.deepEqual(
      rig.failed.map(({ failure, code }) => [failure, code]),
      [['exhausted', 'EAGAIN']],
    );
    assert.deepEqual([...rig.ends], ['cut']);
  });

  test('a socket that is connected to itself is a refused backend', (t) => {
    const rig = new DatagramRig(t);
    rig.listen();
    const nobody = rig.closedPort();
    rig.backends = [nobody];
    const client = rig.client();
    t.mock.method(rig.loop.localPorts, 'has', () => true);
    t.mock.method(rig.libc, 'localAddress', (_fd: number, into: Uint8Array) => {
      into.set([2, 0, nobody.port >> 8, nobody.port & 0xff, 127, 0, 0, 1]);
      return 16;
    });
    rig.send(client, 'a');
    rig.iterate();
    assert.deepEqual(
      rig.failed.map(({ failure, code }) => [failure, code]),
      [['refused', 'ECONNREFUSED']],
    );
  });

  test('bursts have the kernel join datagrams, which arrive one by one and in order all the same', (t) => {
    const rig = new DatagramRig(t);
    const backend = rig.socket();
    rig.listen();
    rig.backends = [backend.address];
    const options: string[] = [];
    const setOption = rig.libc.setOption.bind(rig.libc);
    t.mock.method(rig.libc, 'setOption', (fd: number, option: Parameters<typeof setOption>[1], value: number) => {
      options.push(option);
      setOption(fd, option, value);
    });
    const client = rig.client();
    rig.libc.setOption(client.fd, 'segmentBytes', 100);
    const burst = digits(16, 100);
    const all: string[] = [];
    for (let round = 0; round < 30; round++) {
      rig.libc.send(client.fd, Buffer.from(`${burst.join('')}tail`), 1604);
      rig.iterate();
      all.push(...rig.received(backend));
    }
    assert.deepEqual(all, Array.from({ length: 30 }, () => [...burst, 'tail']).flat());
    assert.equal(options.filter((option) => option === 'joinDatagrams').length, 1);
    rig.endAll();
    assert.deepEqual([rig.moved.tx, rig.moved.txBytes], [30 * 17, 30 * 1604]);
    assert.equal(rig.pairs.length, 1);
  });

  test('joined answers arrive one by one and in order', (t) => {
    const rig = new DatagramRig(t);
    const backend = rig.socket();
    rig.listen();
    rig.backends = [backend.address];
    const client = rig.client();
    rig.send(client, 'go');
    rig.iterate();
    const name = rig.pairs[0]!.backendLocalAddress();
    const session = { fd: -1, address: { ip: '127.0.0.1', port: (name.charCodeAt(4) << 8) | name.charCodeAt(5) } };
    rig.answer(backend, session);
    rig.libc.setOption(backend.fd, 'segmentBytes', 100);
    const burst = digits(16, 100);
    const all: string[] = [];
    for (let round = 0; round < 30; round++) {
      rig.libc.send(backend.fd, Buffer.from(`${burst.join('')}tail`), 1604);
      rig.iterate(20);
      all.push(...rig.received(client));
    }
    assert.deepEqual(all, Array.from({ length: 30 }, () => [...burst, 'tail']).flat());
    rig.endAll();
    assert.deepEqual([rig.moved.rx, rig.moved.rxBytes], [30 * 17, 30 * 1604]);
  });

  test('a client that is not let in is asked about once for a burst, and leaves nothing behind', (t) => {
    const rig = new DatagramRig(t);
    rig.listen();
    rig.backends = [];
    const client = rig.client();
    rig.send(client, ...digits(20, 4));
    rig.iterate();
    rig.send(client, 'again');
    rig.iterate();
    assert.deepEqual(rig.ends, ['cut', 'cut']);
    assert.equal(rig.budget[0], 0);
    assert.deepEqual([...rig.dropped], []);
  });

  test('a flood leaves its turn to others', (t) => {
    const rig = new DatagramRig(t);
    const backend = rig.socket();
    rig.libc.setOption(backend.fd, 'receiveBufferForce', 8 * 1024 * 1024);
    rig.listen();
    rig.backends = [backend.address];
    rig.send(rig.client(), ...digits(600));
    rig.iterate(1);
    const first = rig.received(backend).length;
    assert(first > 0 && first <= 256, `${first} in one iteration`);
    rig.iterate(3);
    assert.equal(first + rig.received(backend).length, 600);
  });

  test('datagrams that were cut are dropped and counted', (t) => {
    const rig = new DatagramRig(t);
    const backend = rig.socket();
    rig.listen();
    rig.backends = [backend.address];
    t.mock.method(ReceiveBatch.prototype, 'isCut', (index: number) => index === 1);
    rig.send(rig.client(), 'a', 'bb', 'ccc');
    rig.iterate();
    assert.deepEqual(rig.received(backend), ['a', 'ccc']);
    assert.equal(rig.dropped.get('truncated'), 1);
  });

  test('a listener that comes as another one closes takes its socket and its sessions over', (t) => {
    const rig = new DatagramRig(t);
    const backend = rig.socket();
    const first = rig.listen();
    rig.backends = [backend.address];
    const [known, stranger] = [rig.client(), rig.client()];
    rig.send(known, 'a');
    rig.iterate();
    const { address } = rig;
    const closed = (which: string) => () => rig.told.push(which);
    first.close(closed('first'));
    const second = rig.listen(1000, address);
    first.close(closed('first again'));
    rig.send(known, 'b');
    rig.send(stranger, 'c');
    rig.iterate();
    assert.deepEqual(rig.received(backend), ['a', 'b', 'c']);
    assert.equal(rig.pairs.length, 2);
    second.close(closed('second'));
    second.close(closed('second again'));
    rig.endAll();
    assert.deepEqual(rig.told, ['first', 'first again', 'second', 'second again']);
    assert.equal(rig.portOf(rig.socket(address).fd) > 0, true);
  });

  test('whatever happens, no descriptor and no place is lost', (t) => {
    const rig = new DatagramRig(t);
    const chance = seededRandom(20);
    const random = (below: number) => Math.floor(chance() * below);
    const backends = [rig.socket(), rig.socket()];
    const listener = rig.listen(12);
    rig.limits = { maxRequests: 3, maxResponses: 1 };
    rig.backends = [...backends.map(({ address }) => address), rig.closedPort()];
    const clients = Array.from({ length: 30 }, () => rig.client());
    const before = readdirSync('/proc/self/fd').length;
    for (let step = 0; step < 3000; step++) {
      const which = random(clients.length);
      rig.send(clients[which]!, ...digits(1 + random(6), 1 + random(4)));
      if (random(4) === 0) rig.iterate(1);
      if (random(9) === 0) rig.pairs[random(rig.pairs.length || 1)]?.close();
      if (step % 50 === 0) for (const backend of backends) rig.received(backend);
    }
    rig.iterate();
    assert(rig.budget[0]! <= 12, `${rig.budget[0]} sessions`);
    listener.close(() => rig.told.push('closed'));
    rig.iterate();
    rig.endAll();
    assert.equal(rig.budget[0], 0);
    assert.equal(rig.told.at(-1), 'closed');
    assert.equal(Object.keys(rig.ends).length, rig.pairs.length);
    assert.equal(readdirSync('/proc/self/fd').length, before - 1, 'the listener is closed, too');
  });
});
