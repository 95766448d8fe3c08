import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import type { IpAddress } from '../../../src/core/address.ts';

/** An end of a dialogue that the other side has made. */
export class Refused extends Error {
  constructor(heard: string) {
    super(`the connection ended after ${JSON.stringify(heard)}`);
  }
}

/** A client's side of a protocol of lines: says something, and waits for an answer. */
export class Dialogue {
  readonly socket: Socket;
  #heard = '';
  #hasEnded = false;
  #changed: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay();
    socket.on('data', (chunk: Buffer) => {
      this.#heard += chunk.toString('latin1');
      this.#changed();
    });
    socket.on('error', () => undefined); // the close says it
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#hasEnded = true;
        this.#changed();
      });
    }
  }

  say(bytes: string | Uint8Array): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Resolves with what was heard, once it matches. @throws Refused when the other side ends before */
  async hears(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#heard);
      if (found !== null) {
        this.#heard = this.#heard.slice(found.index + found[0].length);
        return found;
      }
      if (this.#hasEnded) throw new Refused(this.#heard);
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Opens a connection. @param from an address of this host, to be another client */
export async function openDialogue(address: IpAddress, from?: string): Promise<Dialogue> {
  const socket = connect({ host: address.ip, port: address.port, ...(from !== undefined && { localAddress: from }) });
  await once(socket, 'connect');
  return new Dialogue(socket);
}
