import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
import { platform } from 'node:process';
import { describe, test, type TestContext } from 'node:test';

import { FakeClock, turn } from '../../../../test/helpers/fakes/fake-clock.ts';
import { systemClock } from '../../../core/clock.ts';
import { endpointHex } from '../../../wire/proc-endpoint.ts';
import { KernelTable } from './kernel-table.ts';
import { SendQueues } from './send-queues.ts';

const skip = platform === 'linux' ? false : 'the table is in /proc/net';

/** Both ends of a real connection, closed at the end of the test. */
async function pair(t: TestContext, host: string, listenHost = host): Promise<readonly [Socket, Socket]> {
  const server = createServer().listen(0, listenHost);
  await once(server, 'listening');
  const near = connect({ host, port: (server.address() as AddressInfo).port });
  const [far] = (await once(server, 'connection')) as [Socket];
  if (near.connecting) await once(near, 'connect');
  server.close();
  t.after(() => {
    near.destroy();
    far.destroy();
  });
  return [near, far];
}

function rowOf({ localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 }: Socket): string {
  return ` ${endpointHex(localAddress, localPort)} ${endpointHex(remoteAddress, remotePort)} `;
}

describe('an endpoint reads as in the kernel’s table', { skip }, () => {
  test('for IPv4', async (t) => {
    for (const socket of await pair(t, '127.0.0.1')) {
      assert.ok(readFileSync('/proc/net/tcp', 'latin1').includes(rowOf(socket)), rowOf(socket));
    }
  });

  test('for IPv6', async (t) => {
    for (const socket of await pair(t, '::1')) {
      assert.ok(readFileSync('/proc/net/tcp6', 'latin1').includes(rowOf(socket)), rowOf(socket));
    }
  });

  test('for IPv4 on a dual-stack listener', async (t) => {
    const [near, far] = await pair(t, '127.0.0.1', '::');
    assert.equal(far.localAddress, '::ffff:127.0.0.1');
    assert.ok(readFileSync('/proc/net/tcp6', 'latin1').includes(rowOf(far)), rowOf(far));
    assert.ok(readFileSync('/proc/net/tcp', 'latin1').includes(rowOf(near)), rowOf(near));
  });
});

/** A socket that says it is connected. */
function fakeSocket(port: number, ip = '127.0.0.1'): Socket {
  const says = { localAddress: ip, localPort: port, remoteAddress: ip, remotePort: 9 };
  const socket = new Socket();
  for (const [name, value] of Object.entries(says)) Object.defineProperty(socket, name, { value });
  return socket;
}

/** Send queues over a table of ours. */
function queueing(available = true) {
  const clock = new FakeClock();
  const queued = new Map<Socket, number>();
  const reads: (4 | 6)[] = [];
  let readingMs = 0;
  const table = new KernelTable(clock, async (family) => {
    reads.push(family);
    clock.advance(readingMs);
    if (!available) return undefined;
    const rows = [...queued].map(
      ([socket, bytes], line) =>
        `  ${line}:${rowOf(socket)}01 ${bytes.toString(16).toUpperCase().padStart(8, '0')}:00000000 00:00000000\n`,
    );
    return Buffer.from(`  sl  local_address rem_address   st tx_queue rx_queue\n${rows.join('')}`);
  });
  const queues = new SendQueues(clock, table);
  const told: string[] = [];
  const ask = (socket: Socket) =>
    queues.whenDelivered(socket, (delivered) => told.push(`${socket.localPort} ${delivered}`));
  return { clock, queued, reads, told, ask, slowly: (ms: number) => (readingMs = ms) };
}

describe('delivery', () => {
  test('is told when the queue is empty, never from within the call', async () => {
    const { queued, told, ask, clock } = queueing();
    const socket = fakeSocket(1);
    queued.set(socket, 0);
    ask(socket);
    assert.deepEqual(told, []);
    await turn();
    assert.deepEqual([told, clock.timers], [['1 true'], 0]);
  });

  test('is waited for with growing pauses', async () => {
    const { queued, told, ask, clock } = queueing();
    const socket = fakeSocket(1);
    queued.set(socket, 0xabcdef);
    ask(socket);
    const pauses: (number | undefined)[] = [];
    for (let look = 0; look < 10; look++) {
      await turn();
      pauses.push(clock.nextInMs);
      clock.advance(clock.nextInMs ?? 0);
    }
    assert.deepEqual(pauses, [2, 4, 8, 16, 32, 64, 128, 200, 200, 200]);
    await turn();
    assert.deepEqual(told, []);
    queued.set(socket, 0);
    clock.advance(200);
    await turn();
    assert.deepEqual([told, clock.timers], [['1 true'], 0]);
  });

  test('costs a part of the time only, where reading the table is slow', async () => {
    const { queued, ask, clock, slowly } = queueing();
    slowly(50);
    queued.set(fakeSocket(1), 5);
    ask([...queued.keys()][0]!);
    await turn();
    assert.equal(clock.nextInMs, 150);
  });

  test('is looked at again within a second when the process stood still during a look', async () => {
    const { queued, ask, clock, slowly } = queueing();
    slowly(4000);
    queued.set(fakeSocket(1), 5);
    ask([...queued.keys()][0]!);
    await turn();
    assert.equal(clock.nextInMs, 1000);
  });

  test('is not put off by sockets that keep coming, where reading the table is slow', async () => {
    const { queued, told, ask, clock, slowly } = queueing();
    slowly(50);
    const first = fakeSocket(1);
    queued.set(first, 5);
    ask(first);
    await turn();
    queued.set(first, 0);
    for (let port = 2; port <= 4; port++) {
      ask(fakeSocket(port));
      assert.deepEqual(told, []);
      clock.advance(50);
      await turn();
    }
    assert.equal(told[0], '1 true');
  });

  test('is looked at soon for a socket that comes to wait while the pauses have grown', async () => {
    const { queued, told, ask, clock } = queueing();
    const [slow, quick] = [fakeSocket(1), fakeSocket(2)];
    queued.set(slow, 5);
    ask(slow);
    for (let look = 0; look < 8; look++) {
      await turn();
      clock.advance(clock.nextInMs ?? 0);
    }
    await turn();
    assert.equal(clock.nextInMs, 200);
    queued.set(quick, 0);
    ask(quick);
    assert.equal(clock.nextInMs, 2);
    clock.advance(2);
    await turn();
    assert.deepEqual(told, ['2 true']);
  });

  test('is known of a socket that is no longer listed, and unknown without a table', async () => {
    for (const isListed of [true, false]) {
      const { told, ask } = queueing(isListed);
      ask(fakeSocket(1));
      await turn();
      assert.deepEqual(told, [`1 ${isListed}`]);
    }
  });

  test('one reading serves all that wait, of the families that they have', async () => {
    const { queued, reads, told, ask, clock } = queueing();
    const sockets = [fakeSocket(1), fakeSocket(2), fakeSocket(3, '::1')];
    for (const socket of sockets) queued.set(socket, 7);
    for (const socket of sockets.slice(0, 2)) ask(socket);
    await turn();
    assert.deepEqual(reads, [4]);
    ask(sockets[2]!);
    queued.set(sockets[0]!, 0);
    clock.advance(2);
    await turn();
    assert.deepEqual([reads, told], [[4, 4, 6], ['1 true']]);
    for (const socket of sockets) queued.set(socket, 0);
    clock.advance(4);
    await turn();
    assert.deepEqual(told, ['1 true', '2 true', '3 true']);
    assert.equal(clock.timers, 0);
  });

  test('is not told of a socket that is destroyed', async () => {
    const { queued, told, ask, clock } = queueing();
    const [gone, stays] = [fakeSocket(1), fakeSocket(2)];
    queued.set(gone, 7).set(stays, 7);
    ask(gone);
    ask(stays);
    await turn();
    gone.destroy();
    queued.set(stays, 0);
    clock.advance(2);
    await turn();
    assert.deepEqual([told, clock.timers], [['2 true'], 0]);
  });

  test('is unknown of a socket without addresses, which is told a moment later', () => {
    const { told, ask, clock } = queueing();
    ask(new Socket());
    assert.deepEqual(told, []);
    clock.advance(0);
    assert.deepEqual(told, ['undefined false']);
  });
});

test('the kernel’s own table tells when a real reader has taken all', { skip }, async (t) => {
  const [near, far] = await pair(t, '127.0.0.1');
  far.resume();
  near.write(Buffer.alloc(100_000));
  const queues = new SendQueues(systemClock, new KernelTable(systemClock));
  const delivered = await new Promise<boolean>((resolve) => queues.whenDelivered(near, resolve));
  assert.equal(delivered, true);
});
