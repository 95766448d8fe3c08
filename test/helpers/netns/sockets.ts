import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { extname } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { IpAddress } from '../../../src/core/address.ts';
import type { Host } from './host.ts';
import type { OpenCommand, Opened } from './sockets-process.ts';

const PROGRAM = fileURLToPath(new URL(`./sockets-process${extname(import.meta.url)}`, import.meta.url));

type Handle = Server | Socket;

interface Asker {
  readonly resolve: (handle: Handle) => void;
  readonly reject: (error: Error) => void;
}

/** Sockets of another host, used in this process: a program in the host opens them and hands them over. */
export class HostSockets {
  readonly #child: ChildProcess;
  readonly #askers = new Map<number, Asker>();
  #asked = 0;

  constructor(host: Host) {
    this.#child = host.fork(PROGRAM);
    this.#child.on('message', ({ number, error }: Opened, handle: unknown) => {
      const asker = this.#askers.get(number);
      this.#askers.delete(number);
      if (error === undefined) asker?.resolve(handle as Handle);
      else asker?.reject(Object.assign(new Error(`${host.netns}: ${error}`), { code: error }));
    });
  }

  /**
   * A connection from the host, paused: nothing of it has been read.
   * @throws Error with the system's name of the error as its `code`
   */
  async connect(to: IpAddress): Promise<Socket> {
    const socket = (await this.#open('connection', to)) as Socket;
    socket.allowHalfOpen = true;
    return socket;
  }

  /** A listener in the host. @param port 0 is any */
  async listen(ip: string, port = 0): Promise<Server> {
    return (await this.#open('listener', { ip, port })) as Server;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  #open(what: OpenCommand['what'], at: IpAddress): Promise<Handle> {
    this.#asked += 1;
    const number = this.#asked;
    return new Promise((resolve, reject) => {
      this.#askers.set(number, { resolve, reject });
      this.#child.send({ number, what, at } satisfies OpenCommand);
    });
  }
}

/** Sockets of a host, which can be opened until the end of the test. */
export function socketsOf(t: TestContext, host: Host): HostSockets {
  const sockets = new HostSockets(host);
  t.after(() => sockets.stop());
  return sockets;
}
