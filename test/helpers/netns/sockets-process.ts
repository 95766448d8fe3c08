import { connect, createServer, type Server, type Socket } from 'node:net';

import type { IpAddress } from '../../../src/core/address.ts';
import { errorCode } from '../../../src/core/errors.ts';

/** What it opens where it runs, and hands to the process that started it. */
export interface OpenCommand {
  readonly number: number;
  readonly what: 'connection' | 'listener';
  readonly at: IpAddress;
}

/** Comes with a handle, or with the system's name of an error. */
export interface Opened {
  readonly number: number;
  readonly error?: string;
}

function hand(number: number, handle: Server | Socket): void {
  process.send?.({ number } satisfies Opened, handle, {}, () => {
    if ('close' in handle) handle.close();
  });
}

process.on('message', ({ number, what, at }: OpenCommand) => {
  const failed = (error: Error): void => void process.send?.({ number, error: errorCode(error) } satisfies Opened);
  if (what === 'listener') {
    const server = createServer().once('error', failed);
    server.listen({ host: at.ip, port: at.port }, () => hand(number, server));
  } else {
    const socket = connect({ host: at.ip, port: at.port, noDelay: true }).once('error', failed);
    // What comes is for the other process to read.
    socket.pause();
    socket.once('connect', () => hand(number, socket));
  }
});
