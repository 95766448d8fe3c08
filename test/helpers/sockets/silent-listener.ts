import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { IpAddress, SocketAddress } from '../../../src/core/address.ts';

/** Listens with room for two and stops its thread until it is woken, so that nobody is accepted before. */
const LISTENER = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer((socket) => {
    socket.on('error', () => {}).write('!');
    parentPort.postMessage(socket.remotePort);
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(workerData, 0, 0);
  });
`;
const ROOM = 2;

/** A listener whose backlog is full: a connect is neither taken nor refused. */
export interface SilentListener {
  readonly address: IpAddress;
  /** Accepts from now on, and says a byte to each. Resolves when it has accepted a client that had to wait. */
  wake(): Promise<void>;
}

export async function silentListener(t: TestContext): Promise<SilentListener> {
  const word = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(LISTENER, { eval: true, workerData: word });
  t.after(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  for (let n = 0; n < ROOM; n++) {
    const filler = connect({ host: '127.0.0.1', port }).on('error', () => {});
    t.after(() => void filler.destroy());
    await once(filler, 'connect');
  }
  return {
    address: { ip: '127.0.0.1', port },
    async wake() {
      Atomics.store(word, 0, 1);
      Atomics.notify(word, 0);
      for (let n = 0; n <= ROOM; n++) await once(worker, 'message');
    },
  };
}

/** An address where a connect is neither taken nor refused. */
export async function deafAddress(t: TestContext): Promise<SocketAddress> {
  return (await silentListener(t)).address;
}
