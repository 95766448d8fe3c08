import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import type { LinkEnd } from '../../../core/engine.ts';
import { End, EVERYTHING } from './end.ts';
import { whyNoEpoll } from './engine.ts';
import { loadLibc, WOULD_BLOCK } from './libc.ts';
import { Loop } from './loop.ts';
import { Relay } from './relay.ts';
import { encodeAddress, LARGEST_BYTES, portOf } from './socket-address.ts';

const reason = whyNoEpoll();

const MIB = 1024 * 1024;
const TURN_BYTES = MIB;
const PIPE_BYTES = MIB;
const MSG_OOB = 1;

type SendFunction = (fd: number, bytes: Uint8Array, length: number, flags: number) => number;

interface KoffiForTests {
  load(path: null): { func(signature: string): SendFunction };
}

// The whole path is tested by test/contract. Here: what takes a loop that is turned by hand.
describe('the relay', { skip: reason ?? false }, () => {
  const libc = reason === undefined ? loadLibc() : (undefined as never);
  const buffer = Buffer.alloc(8 * MIB);

  function connected(): readonly [one: number, other: number] {
    const listener = libc.socket('ipv4');
    libc.bind(listener, encodeAddress({ ip: '127.0.0.1', port: 0 }));
    libc.listen(listener, 16);
    const bound = new Uint8Array(LARGEST_BYTES);
    libc.localAddress(listener, bound);
    const one = libc.socket('ipv4');
    assert.equal(libc.connect(one, encodeAddress({ ip: '127.0.0.1', port: portOf(bound) })), WOULD_BLOCK);
    const other = libc.accept(listener, bound);
    libc.close(listener);
    return [one, other];
  }

  /** A pair that is relayed, with the far ends of both its sockets, and how it ended. */
  function relayed(loop: Loop) {
    const [client, ours] = connected();
    const [theirs, backend] = connected();
    const nobody = { happened: () => {}, goOn: () => {} };
    const ends = [new End(ours, 'client', nobody), new End(theirs, 'backend', nobody)] as const;
    const said = { rxBytes: 0, txBytes: 0, end: undefined as LinkEnd | undefined };
    const relay = new Relay(
      loop,
      ...ends,
      { clientMs: 0, backendMs: 0 },
      {
        moved(rxBytes, txBytes) {
          said.rxBytes += rxBytes;
          said.txBytes += txBytes;
        },
        over: (end) => (said.end = end),
      },
    );
    for (const end of ends) loop.watch(end.fd, EVERYTHING, end);
    loop.later(() => relay.begin());
    return { client, backend, said, ends, relay };
  }

  function turn(loop: Loop, times = 1): void {
    for (let n = 0; n < times; n++) {
      loop.later(() => {}); // so that it does not wait
      loop.turn();
    }
  }

  /** Everything that waits at a socket, and the word that ended it. */
  function receiveAll(fd: number): { readonly text: string; readonly word: number } {
    let text = '';
    for (;;) {
      const length = libc.receive(fd, buffer);
      if (length <= 0) return { text, word: length };
      text += buffer.toString('latin1', 0, length);
    }
  }

  function fill(fd: number): number {
    let bytes = 0;
    for (let sent = 1; sent > 0; bytes += Math.max(0, sent)) sent = libc.send(fd, buffer, buffer.length);
    return bytes;
  }

  test('a bulk transfer does not hold up others: so much in a turn, and no more by turns that pile up', () => {
    const loop = new Loop(libc);
    const bulk = relayed(loop);
    const small = relayed(loop);
    const delivered = () => bulk.said.txBytes + bulk.ends[1].unreportedBytes;
    turn(loop);
    let left = 0;
    let most = 0;
    for (let n = 0; n < 50; n++) {
      left += fill(bulk.client);
      libc.send(small.client, Buffer.from('x'), 1);
      const before = delivered();
      turn(loop);
      most = Math.max(most, delivered() - before);
      assert.equal(receiveAll(small.backend).text, 'x', 'the small one had its turn too');
      left -= receiveAll(bulk.backend).text.length;
    }
    assert(left >= 0);
    assert(most > TURN_BYTES / 2, `${most} bytes in a turn at most`);
    assert(most <= TURN_BYTES + PIPE_BYTES + 128 * 1024, `${most} bytes in a turn`);
    const sent = delivered();
    for (const { relay } of [bulk, small]) relay.cut();
    turn(loop);
    assert.deepEqual([bulk.said.end, small.said.end], ['cut', 'cut']);
    assert.equal(bulk.said.txBytes, sent);
    for (const { client, backend } of [bulk, small]) for (const fd of [client, backend]) libc.close(fd);
  });

  test('what follows an urgent byte is not left behind, nor lost with the end', () => {
    const koffi = createRequire(import.meta.url)('koffi') as KoffiForTests;
    const send = koffi.load(null).func('long send(int, const void *, size_t, int)');
    const loop = new Loop(libc);
    const { client, backend, said } = relayed(loop);
    turn(loop);
    libc.send(client, Buffer.from('before'), 6);
    send(client, Buffer.from('!'), 1, MSG_OOB);
    libc.send(client, Buffer.from('after'), 5);
    libc.finishSending(client);
    turn(loop, 3);
    assert.deepEqual(receiveAll(backend), { text: 'beforeafter', word: 0 });
    libc.close(backend);
    turn(loop, 3);
    assert.deepEqual([said.end, said.txBytes], ['finished', 11]);
    libc.close(client);
  });

  for (const [first, second] of [
    ['client', 'backend'],
    ['backend', 'client'],
  ] as const) {
    test(`a client that had finished is not waited for when both reset, the ${first} first`, () => {
      const loop = new Loop(libc);
      const pair = relayed(loop);
      turn(loop);
      libc.finishSending(pair.client);
      turn(loop);
      // More than the client's kernel takes unread, less than ours has room for besides.
      for (let sent = 0; sent < 512 * 1024;) {
        sent += libc.send(pair.backend, buffer, 64 * 1024);
        turn(loop, 3);
      }
      libc.reset(pair[first]);
      turn(loop, 3);
      assert.equal(pair.said.end, undefined, 'there may be more to come');
      libc.reset(pair[second]);
      turn(loop, 3);
      assert.equal(pair.said.end, 'backend-reset');
    });
  }

  test('a silent pair costs no turn, and an end has no pipe while it is silent', () => {
    const loop = new Loop(libc);
    const { client, backend, ends, relay } = relayed(loop);
    turn(loop);
    let left = fill(client);
    while (left > 0) {
      left -= receiveAll(backend).text.length;
      turn(loop);
    }
    assert.deepEqual(
      ends.map(({ pipe, rest, isQueued }) => [pipe, rest, isQueued]),
      Array(2).fill([undefined, undefined, false]),
    );
    relay.cut();
    turn(loop);
    for (const fd of [client, backend]) libc.close(fd);
  });
});
