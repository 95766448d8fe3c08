import { READABLE } from '../../../src/data/engines/linux/event-list.ts';
import type { Libc } from '../../../src/data/engines/linux/libc.ts';
import { encodeAddress } from '../../../src/data/engines/linux/socket-address.ts';
import { Ticker } from '../ping/ticker.ts';
import { HOST } from '../ports.ts';
import type { BurstsOrder, BurstsResult } from './orders.ts';
import type { UdpCalls } from './udp-calls.ts';

const EVENTS = 4;
const TURN_MS = 100;
/** What is on its way arrives within. */
const LAST_ARRIVALS_MS = 300;

/** An open loop: bursts leave at their time, from one port after the other. */
export class Bursts {
  readonly #libc: Libc;
  readonly #order: BurstsOrder;
  readonly #fds: readonly number[];
  readonly #sink: number;
  readonly #burst: Buffer;

  constructor(libc: Libc, calls: UdpCalls, order: BurstsOrder) {
    this.#libc = libc;
    this.#order = order;
    this.#burst = Buffer.alloc(order.bytes * order.datagrams, 'x');
    const address = (port: number): Uint8Array => encodeAddress({ ip: HOST, port });
    this.#sink = calls.connected(address(order.sinkPort));
    this.#fds = Array.from({ length: order.ports }, () => calls.connected(address(order.port)));
    for (const fd of this.#fds) calls.segment(fd, order.bytes);
  }

  /** @throws Error when the sink does not answer */
  run(seconds: number): BurstsResult {
    const { burstsPerSecond, bytes, datagrams } = this.#order;
    const before = this.#bytesArrived();
    const poller = this.#libc.createPoller();
    const list = this.#libc.eventList(EVENTS);
    const ticker = new Ticker();
    this.#libc.watch(poller, ticker.fd, READABLE, 0);
    ticker.start(burstsPerSecond);
    const begunAt = performance.now();
    const total = Math.round(burstsPerSecond * seconds);
    let sent = 0;
    while (sent < total) {
      this.#libc.wait(poller, list, TURN_MS);
      this.#libc.drain(ticker.fd);
      const due = Math.min(total, Math.floor(((performance.now() - begunAt) / 1000) * burstsPerSecond));
      for (; sent < due; sent++)
        this.#libc.send(this.#fds[sent % this.#fds.length] ?? -1, this.#burst, this.#burst.length);
    }
    const took = (performance.now() - begunAt) / 1000;
    this.#libc.close(ticker.fd);
    this.#libc.wait(poller, list, LAST_ARRIVALS_MS);
    this.#libc.close(poller);
    return { sent: sent * datagrams, arrived: (this.#bytesArrived() - before) / bytes, seconds: took };
  }

  #bytesArrived(): number {
    const poller = this.#libc.createPoller();
    const list = this.#libc.eventList(EVENTS);
    const answer = Buffer.alloc(8);
    this.#libc.watch(poller, this.#sink, READABLE, 0);
    this.#libc.send(this.#sink, Buffer.from('?'), 1);
    const count = this.#libc.wait(poller, list, TURN_MS * 10);
    this.#libc.close(poller);
    if (count !== 1 || this.#libc.receive(this.#sink, answer) !== answer.length)
      throw new Error('the sink does not say what has come');
    return answer.readDoubleLE();
  }
}
