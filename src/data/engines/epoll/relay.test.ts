import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KIB, MIB, payload, sha256 } from '../../../../test/helpers/sockets/payload.ts';
import {
  dispose,
  libcFunction,
  receiveAll,
  relayed,
  sendMost,
  iterate,
  type Relayed,
} from '../../../../test/helpers/sockets/relayed.ts';
import { loadLibc } from '../linux/libc.ts';
import { whyNoEpoll } from './engine.ts';
import { Loop } from '../linux/loop.ts';

const reason = whyNoEpoll();

const ITERATION_BYTES = MIB;
const PIPE_BYTES = MIB;
/** What may wait for one that does not read. */
const MOST_COPIED = 64 * KIB;
/** Longer than the kernel waits to acknowledge, or to ask again at a window that was shut. */
const PATIENCE_MS = 5000;
/** More iterations than anything here takes; without an end to them a byte that is lost would be waited for. */
const MANY_ITERATIONS = 10_000;

// send(2), socket(7): what the engine has no use for.
const MSG_OOB = 1;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;

// The whole path is tested by test/contract. Here: what needs a loop that the test runs itself.
describe('the relay', { skip: reason ?? false }, () => {
  const libc = reason === undefined ? loadLibc() : (undefined as never);

  /** Reads at the backend, iteration by iteration, until so many bytes have come, or none has for a while. */
  function drain(loop: Loop, { backend }: Relayed, bytes: number): Buffer {
    const chunks: Buffer[] = [];
    let got = 0;
    for (let cameAt = performance.now(); got < bytes && performance.now() < cameAt + PATIENCE_MS;) {
      const chunk = receiveAll(backend).bytes;
      if (chunk.length > 0) cameAt = performance.now();
      chunks.push(chunk);
      got += chunk.length;
      iterate(loop);
    }
    return Buffer.concat(chunks);
  }

  /** Sends chunks of a size, an iteration each, until one waits for the backend, which does not read. @returns bytes sent */
  function fillUp(loop: Loop, { client, endpoints }: Relayed, cargo: Buffer, chunk: number): number {
    let sent = 0;
    for (let n = 0; n < MANY_ITERATIONS && waiting(endpoints.backend) === 0; n++) {
      sent += sendMost(client, cargo.subarray(sent, sent + chunk));
      iterate(loop);
    }
    return sent;
  }

  test('a bulk transfer does not hold up others: so much in an iteration, and no more by requests that pile up', () => {
    const loop = new Loop(libc);
    const bulk = relayed(loop);
    const small = relayed(loop);
    const cargo = payload(8 * MIB);
    const delivered = () => bulk.said.txBytes + bulk.endpoints.backend.unreportedBytes;
    let left = 0;
    let most = 0;
    for (let n = 0; n < 50; n++) {
      left += sendMost(bulk.client, cargo);
      sendMost(small.client, Buffer.from('x'));
      const before = delivered();
      iterate(loop);
      most = Math.max(most, delivered() - before);
      assert.equal(receiveAll(small.backend).bytes.toString(), 'x', 'the small one went on too');
      left -= receiveAll(bulk.backend).bytes.length;
    }
    assert(left >= 0);
    assert(most > ITERATION_BYTES / 2, `${most} bytes in an iteration at most`);
    assert(most <= ITERATION_BYTES + PIPE_BYTES + 128 * KIB, `${most} bytes in an iteration`);
    const sent = delivered();
    dispose(loop, bulk, small);
    assert.deepEqual([bulk.said.end, small.said.end], ['cut', 'cut']);
    assert.equal(bulk.said.txBytes, sent);
  });

  test('an end that comes with the last bytes is not lost, though their read is a short one', () => {
    const loop = new Loop(libc);
    const pair = relayed(loop);
    sendMost(pair.client, Buffer.from('the last'));
    libc.finishSending(pair.client);
    iterate(loop, 2);
    const { bytes, word } = receiveAll(pair.backend);
    assert.deepEqual([bytes.toString(), word], ['the last', 0]);
    libc.close(pair.backend);
    iterate(loop, 2);
    assert.equal(pair.said.end, 'finished');
    libc.close(pair.client);
  });

  test('what follows an urgent byte is not left behind, nor lost with the end', () => {
    const send = libcFunction('long send(int, const void *, size_t, int)');
    const loop = new Loop(libc);
    const { client, backend, said } = relayed(loop);
    sendMost(client, Buffer.from('before'));
    send(client, Buffer.from('!'), 1, MSG_OOB);
    sendMost(client, Buffer.from('after'));
    libc.finishSending(client);
    iterate(loop, 3);
    const { bytes, word } = receiveAll(backend);
    assert.deepEqual([bytes.toString(), word], ['beforeafter', 0]);
    libc.close(backend);
    iterate(loop, 3);
    assert.deepEqual([said.end, said.txBytes], ['finished', 11]);
    libc.close(client);
  });

  for (const { what, chunk, isBulk, sendBuffer } of [
    { what: 'small chunks are copied', chunk: 20 * KIB, isBulk: false },
    { what: 'small chunks for a socket that takes a part at a time', chunk: 20 * KIB, isBulk: false, sendBuffer: 1 },
    { what: 'bulk goes through a pipe', chunk: MIB, isBulk: true },
  ]) {
    test(`${what}; what is not taken waits, little of it, and arrives in order`, () => {
      const loop = new Loop(libc);
      const pair = relayed(loop);
      const other = relayed(loop);
      const { backend } = pair.endpoints;
      if (sendBuffer !== undefined) limitSendBuffer(backend.fd, sendBuffer);
      const cargo = payload(64 * MIB);
      let sent = fillUp(loop, pair, cargo, chunk);
      assert.deepEqual([backend.pipe !== undefined, backend.pending !== undefined], [isBulk, !isBulk]);
      sent += sendMost(pair.client, cargo.subarray(sent, sent + MIB));
      iterate(loop, 5);
      assert(waiting(backend) <= (isBulk ? PIPE_BYTES : MOST_COPIED), `${waiting(backend)} bytes wait`);
      assert.equal(drain(loop, other, sendMost(other.client, Buffer.alloc(MIB))).length, MIB);
      assert.equal(sha256(drain(loop, pair, sent)), sha256(cargo.subarray(0, sent)));
      iterate(loop, 2);
      assert.deepEqual([backend.pipe, backend.pending], [undefined, undefined], 'nothing is held in silence');
      dispose(loop, pair, other);
    });
  }

  test('a direction that has been bulk and sends little again is copied again', (t) => {
    const loop = new Loop(libc);
    const pair = relayed(loop);
    drain(loop, pair, sendMost(pair.client, payload(4 * MIB)));
    const splice = t.mock.method(libc, 'splice');
    const calls = ['a', 'b'].map((text) => {
      const before = splice.mock.callCount();
      sendMost(pair.client, Buffer.from(text));
      iterate(loop);
      assert.equal(receiveAll(pair.backend).bytes.toString(), text);
      return splice.mock.callCount() - before;
    });
    assert.equal(calls[1], 0);
    dispose(loop, pair);
  });

  for (const [first, second] of [
    ['client', 'backend'],
    ['backend', 'client'],
  ] as const) {
    test(`a client that had finished is not waited for when both reset, the ${first} first`, () => {
      const loop = new Loop(libc);
      const pair = relayed(loop);
      const chunk = payload(64 * KIB);
      libc.finishSending(pair.client);
      iterate(loop);
      // More than the client's kernel takes unread, less than ours has room for besides.
      for (let sent = 0; sent < 512 * KIB;) {
        sent += sendMost(pair.backend, chunk);
        iterate(loop, 3);
      }
      libc.reset(pair[first]);
      iterate(loop, 3);
      assert.equal(pair.said.end, undefined, 'there may be more to come');
      libc.reset(pair[second]);
      iterate(loop, 3);
      assert.equal(pair.said.end, 'backend-reset');
    });
  }

  test('a pipe serves one transfer after the other, but none after one that was cut with bytes in it', (t) => {
    t.mock.method(performance, 'now', () => 1000); // spare pipes are closed in time
    const loop = new Loop(libc);
    const made = t.mock.method(libc, 'pipe');
    const cargo = payload(4 * MIB);
    const carry = () => {
      const pair = relayed(loop);
      const sent = sendMost(pair.client, cargo);
      assert.equal(sha256(drain(loop, pair, sent)), sha256(cargo.subarray(0, sent)));
      dispose(loop, pair);
      return made.mock.callCount();
    };
    assert.deepEqual([carry(), carry()], [1, 1]);
    const stuck = relayed(loop);
    fillUp(loop, stuck, payload(64 * MIB), MIB);
    dispose(loop, stuck);
    assert.deepEqual([carry(), carry()], [2, 2]);
  });

  test('a silent pair costs no iteration, and an endpoint has no pipe while it is silent', () => {
    const loop = new Loop(libc);
    const pair = relayed(loop);
    const sent = sendMost(pair.client, payload(8 * MIB));
    assert.equal(drain(loop, pair, sent).length, sent);
    assert.deepEqual(
      Object.values(pair.endpoints).map(({ pipe, pending, isQueued }) => [pipe, pending, isQueued]),
      Array(2).fill([undefined, undefined, false]),
    );
    dispose(loop, pair);
  });

  test('bytes that are queued at a close stay in the kernel for half a minute at most', (t) => {
    const setOption = t.mock.method(libc, 'setOption', libc.setOption.bind(libc));
    const loop = new Loop(libc);
    const [short, long] = [relayed(loop), relayed(loop)];
    for (const [pair, bytes] of [
      [short, KIB],
      [long, MIB / 2],
    ] as const) {
      assert.equal(sendMost(pair.client, payload(bytes)), bytes);
      for (const fd of [pair.client, pair.backend]) libc.finishSending(fd);
    }
    for (let n = 0; n < MANY_ITERATIONS && long.said.end === undefined; n++) iterate(loop);
    assert.deepEqual([short.said.end, long.said.end], ['finished', 'finished']);
    const set = setOption.mock.calls.map(({ arguments: [, option, value] }) => [option, value]);
    assert.deepEqual(set, [['userTimeout', 30_000]]);
    dispose(loop, short, long);
  });
});

/** The kernel takes twice as much, and at least a few KiB. */
function limitSendBuffer(fd: number, bytes: number): void {
  const set = libcFunction('int setsockopt(int, int, int, const void *, uint)');
  assert.equal(set(fd, SOL_SOCKET, SO_SNDBUF, new Uint8Array(new Int32Array([bytes]).buffer), 4), 0);
}

/** Bytes that are ours to hold until an end takes them. */
function waiting({ pending, pipe }: Relayed['endpoints']['client']): number {
  return (pending?.length ?? 0) + (pipe?.length ?? 0);
}
