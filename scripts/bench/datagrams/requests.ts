import { type EventList, READABLE } from '../../../src/data/engines/linux/event-list.ts';
import type { Libc } from '../../../src/data/engines/linux/libc.ts';
import { encodeAddress } from '../../../src/data/engines/linux/socket-address.ts';
import { HOST } from '../ports.ts';
import type { RequestsOrder, RequestsResult } from './orders.ts';
import type { UdpCalls } from './udp-calls.ts';

const EVENTS = 512;
const LARGEST = 64 * 1024;
/** One that has no answer after that is sent again. */
const LOST_AFTER_MS = 200;
const TURN_MS = 50;

/** A closed loop: each port has one request under way, and sends the next one when the answer has come. */
export class Requests {
  readonly #libc: Libc;
  readonly #calls: UdpCalls;
  readonly #order: RequestsOrder;
  readonly #poller: number;
  readonly #list: EventList;
  readonly #to: Uint8Array;
  readonly #fds: Int32Array;
  readonly #sentAt: Float64Array;
  readonly #request: Buffer;
  readonly #answer = Buffer.allocUnsafeSlow(LARGEST);
  #answered = 0;
  #lost = 0;

  constructor(libc: Libc, calls: UdpCalls, order: RequestsOrder) {
    this.#libc = libc;
    this.#calls = calls;
    this.#order = order;
    this.#poller = libc.createPoller();
    this.#list = libc.eventList(EVENTS);
    this.#to = encodeAddress({ ip: HOST, port: order.port });
    this.#request = Buffer.alloc(order.bytes, 'x');
    this.#fds = new Int32Array(order.ports);
    this.#sentAt = new Float64Array(order.ports);
    for (let port = 0; port < order.ports; port++) this.#open(port);
  }

  /** @throws Error when nothing is answered at all */
  run(seconds: number): RequestsResult {
    [this.#answered, this.#lost] = [0, 0];
    const begunAt = performance.now();
    const endsAt = begunAt + seconds * 1000;
    let now = begunAt;
    let sweepAt = now + TURN_MS;
    for (let port = 0; port < this.#order.ports; port++) this.#send(port, now);
    while (now < endsAt) {
      const count = this.#libc.wait(this.#poller, this.#list, TURN_MS);
      now = performance.now();
      for (let index = 0; index < count; index++) this.#receive(this.#list.tag(index), now);
      if (now < sweepAt) continue;
      this.#sendAgain(now);
      sweepAt = now + TURN_MS;
    }
    this.#drain();
    if (this.#answered === 0) throw new Error('no datagram has an answer');
    return { answered: this.#answered, lost: this.#lost, seconds: (now - begunAt) / 1000 };
  }

  #open(port: number): void {
    const fd = this.#calls.connected(this.#to);
    this.#fds[port] = fd;
    this.#libc.watch(this.#poller, fd, READABLE, port);
  }

  #send(port: number, now: number): void {
    this.#sentAt[port] = now;
    // What cannot be sent has no answer.
    this.#libc.send(this.#fds[port] as number, this.#request, this.#request.length);
  }

  /** An answer to a request that was taken for lost is one, too. */
  #receive(port: number, now: number): void {
    const bytes = this.#libc.receive(this.#fds[port] as number, this.#answer);
    if (bytes < 0) return;
    if (bytes !== this.#request.length) throw new Error(`an answer has ${bytes} bytes`);
    this.#answered++;
    if (this.#order.isNewEach) {
      this.#libc.close(this.#fds[port] as number);
      this.#open(port);
    }
    this.#send(port, now);
  }

  /** Takes what is still under way, so that no port has two requests in the next run. */
  #drain(): void {
    for (let count = 1; count > 0;) {
      count = this.#libc.wait(this.#poller, this.#list, TURN_MS);
      for (let index = 0; index < count; index++)
        while (this.#libc.receive(this.#fds[this.#list.tag(index)] as number, this.#answer) > 0);
    }
  }

  #sendAgain(now: number): void {
    for (let port = 0; port < this.#fds.length; port++) {
      if (now - (this.#sentAt[port] as number) < LOST_AFTER_MS) continue;
      this.#lost++;
      this.#send(port, now);
    }
  }
}
