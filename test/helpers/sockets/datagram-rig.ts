import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { IpAddress } from '../../../src/core/address.ts';
import type { DatagramAcceptor, DatagramListener, DatagramPair } from '../../../src/core/datagrams.ts';
import type { DatagramLimits, FailedDial, PairEnd, RelayLimits } from '../../../src/core/engine.ts';
import { Descriptors } from '../../../src/data/engines/common/descriptors.ts';
import { EpollDatagrams } from '../../../src/data/engines/epoll/datagrams/sockets.ts';
import { loadLibc } from '../../../src/data/engines/linux/libc.ts';
import { Loop } from '../../../src/data/engines/linux/loop.ts';
import { encodeAddress, LARGEST_BYTES, portOf } from '../../../src/data/engines/linux/socket-address.ts';
import { iterate } from './relayed.ts';

const KIB = 1024;
const HOST = '127.0.0.1';

/** A socket of the test's own, which the kernel serves while the test goes on. */
export interface TestSocket {
  readonly fd: number;
  readonly address: IpAddress;
}

/** The datagrams of the epoll engine in a loop that the test runs itself, with the barest policy. */
export class DatagramRig {
  readonly libc = loadLibc();
  readonly loop = new Loop(this.libc);
  readonly pairs: DatagramPair[] = [];
  readonly told: string[] = [];
  readonly failed: FailedDial[] = [];
  readonly ends: PairEnd[] = [];
  readonly moved = { rx: 0, tx: 0, rxBytes: 0, txBytes: 0 };
  readonly dropped = new Map<string, number>();
  /** Pairs that are open, and how many may be. */
  readonly budget = new Int32Array(new SharedArrayBuffer(8));
  backends: readonly IpAddress[] = [];
  limits: DatagramLimits = { maxRequests: 0, maxResponses: 0 };
  address!: IpAddress;
  readonly #t: TestContext;
  readonly #datagrams: EpollDatagrams;
  #turn = 0;

  constructor(t: TestContext) {
    this.#t = t;
    this.budget[1] = 1_000_000;
    const [shared, workers, held] = [this.budget.buffer, new SharedArrayBuffer(12), new SharedArrayBuffer(4)];
    this.#datagrams = new EpollDatagrams(this.loop, new Descriptors({ shared, workers, held }));
  }

  listen(mostSessions = 1000, address: IpAddress = { ip: HOST, port: 0 }): DatagramListener {
    const acceptor: DatagramAcceptor = {
      listening: (at) => (this.address = at as IpAddress),
      listenFailed: (error) => assert.fail(error),
      noResources: () => undefined,
      accepted: (pair) => this.#accepted(pair),
      oneWay: undefined,
      header: undefined,
      dropped: (why, count) => this.dropped.set(why, (this.dropped.get(why) ?? 0) + count),
    };
    const listener = this.#datagrams.listen({ address, acceptor, mostSessions, receiveBufferBytes: 1024 * KIB });
    iterate(this.loop);
    return listener;
  }

  /** At a port of its own, and connected if it is told to whom. */
  socket(to?: IpAddress): TestSocket {
    const fd = this.libc.datagramSocket('ipv4');
    this.#t.after(() => this.libc.close(fd));
    this.libc.bind(fd, encodeAddress({ ip: HOST, port: 0 }));
    if (to !== undefined) assert.equal(this.libc.connect(fd, encodeAddress(to)), 0);
    return { fd, address: { ip: HOST, port: this.portOf(fd) } };
  }

  client(): TestSocket {
    return this.socket(this.address);
  }

  closedPort(): IpAddress {
    const fd = this.libc.datagramSocket('ipv4');
    this.libc.bind(fd, encodeAddress({ ip: HOST, port: 0 }));
    const port = this.portOf(fd);
    this.libc.close(fd);
    return { ip: HOST, port };
  }

  portOf(fd: number): number {
    const name = new Uint8Array(LARGEST_BYTES);
    this.libc.localAddress(fd, name);
    return portOf(name);
  }

  send({ fd }: TestSocket, ...texts: readonly string[]): void {
    for (const text of texts) this.libc.send(fd, Buffer.from(text), text.length);
  }

  iterate(times = 2): void {
    iterate(this.loop, times);
  }

  /** All that waits at a socket. */
  received({ fd }: TestSocket): readonly string[] {
    const buffer = Buffer.alloc(64 * KIB);
    const texts: string[] = [];
    for (let length = 0; (length = this.libc.receive(fd, buffer)) >= 0;)
      texts.push(buffer.toString('latin1', 0, length));
    return texts;
  }

  /** Has a backend answer the next datagram that waits there. */
  answer({ fd }: TestSocket, session: TestSocket, ...texts: readonly string[]): void {
    assert.equal(this.libc.connect(fd, encodeAddress(session.address)), 0);
    this.send({ fd, address: session.address }, ...texts);
  }

  endAll(): void {
    for (const pair of this.pairs) pair.close();
    this.iterate();
  }

  #accepted(pair: DatagramPair): void {
    const number = this.pairs.push(pair) - 1;
    const dial = (): void => {
      const to = this.backends[this.#turn++ % this.backends.length];
      if (to === undefined) pair.close();
      else pair.dial(to, 0);
    };
    pair.owner = {
      dialled: () => pair.relay(limitsOf(this.limits)),
      dialFailed: (failed) => {
        this.failed.push(failed);
        pair.close();
      },
      refused: (code) => {
        this.told.push(`${number} refused ${code}`);
        dial();
      },
      moved: (rxBytes, txBytes) => {
        this.moved.rxBytes += rxBytes;
        this.moved.txBytes += txBytes;
      },
      movedDatagrams: (rx, tx) => {
        this.moved.rx += rx;
        this.moved.tx += tx;
      },
      ended: (end) => (this.ends[number] = end),
    };
    dial();
  }
}

function limitsOf(datagrams: DatagramLimits): RelayLimits {
  return {
    client: { idleMs: 0, finMs: 0 },
    backend: { idleMs: 0, finMs: 0 },
    unacknowledgedMs: 0,
    keepAlive: { idleMs: 0, intervalMs: 1_000, count: 9 },
    datagrams,
  };
}
