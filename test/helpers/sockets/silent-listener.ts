import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { SocketAddress } from '../../../src/core/address.ts';

/** Listens with room for two and then stops its thread, so that nobody is ever accepted. */
const LISTENER = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;
const ROOM = 2;

/** An address where a connect is neither taken nor refused: the listener's backlog is full. */
export async function deafAddress(t: TestContext): Promise<SocketAddress> {
  const worker = new Worker(LISTENER, { eval: true });
  t.after(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  for (let n = 0; n < ROOM; n++) {
    const filler = connect({ host: '127.0.0.1', port }).on('error', () => {});
    t.after(() => void filler.destroy());
    await once(filler, 'connect');
  }
  return { ip: '127.0.0.1', port };
}
