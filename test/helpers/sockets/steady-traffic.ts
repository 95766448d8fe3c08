import { connect, type Socket } from 'node:net';

import type { IpAddress } from '../../../src/core/address.ts';
import { errorCode } from '../../../src/core/errors.ts';

const SHORT_CLIENTS = 4;
const LONG_CLIENTS = 4;

/** What became of all clients. */
export interface TrafficReport {
  /** Bytes there and back. */
  readonly exchanges: number;
  readonly connections: number;
  /** What went wrong, one for each connection that did not end as it should. */
  readonly failures: readonly string[];
}

/**
 * Clients of an echoing server, until they are told to end: some that connect anew for each exchange, some that keep
 * their connection for all of them.
 */
export class SteadyTraffic {
  readonly #address: IpAddress;
  readonly #failures: string[] = [];
  readonly #clients: Promise<void>[];
  #exchanges = 0;
  #connections = 0;
  #isWanted = true;

  constructor(address: IpAddress) {
    this.#address = address;
    const short = Array.from({ length: SHORT_CLIENTS }, () => this.#short());
    const long = Array.from({ length: LONG_CLIENTS }, () => this.#client(() => this.#isWanted));
    this.#clients = [...short, ...long];
  }

  get exchanges(): number {
    return this.#exchanges;
  }

  async end(): Promise<TrafficReport> {
    this.#isWanted = false;
    await Promise.all(this.#clients);
    return { exchanges: this.#exchanges, connections: this.#connections, failures: this.#failures };
  }

  async #short(): Promise<void> {
    while (this.#isWanted) await this.#client(() => false);
  }

  /** One connection: an exchange, more while it is so, the end of both directions. */
  #client(goesOn: () => boolean): Promise<void> {
    const socket = connect({ host: this.#address.ip, port: this.#address.port, allowHalfOpen: true });
    this.#connections += 1;
    let sent = '';
    return new Promise((resolve) => {
      const fail = (why: string): void => void this.#failures.push(why);
      const send = (): void => {
        sent = String(this.#exchanges);
        socket.write(sent);
      };
      let got = '';
      socket.on('connect', send);
      socket.on('data', (chunk: Buffer) => {
        got += chunk.toString('latin1');
        if (got.length < sent.length) return;
        if (got !== sent) fail(`got ${got} for ${sent}`);
        [got, sent] = ['', ''];
        this.#exchanges += 1;
        if (goesOn()) send();
        else socket.end();
      });
      socket.on('end', () => {
        if (!socket.writableEnded) fail('ended by the other side');
        end(socket);
      });
      socket.on('error', (error) => fail(errorCode(error)));
      socket.on('close', resolve);
    });
  }
}

function end(socket: Socket): void {
  if (!socket.writableEnded) socket.end();
}
