import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { createEngine, type EngineKind, type EngineSetup } from '../../../src/data/engines/registry.ts';
import { DatagramDesk, type DatagramOrder } from '../sockets/datagram-desk.ts';

/** A thread that carries datagrams without policy, and does with them what it is told. */
export interface DatagramWorkerSetup {
  readonly kind: EngineKind;
  readonly setup: EngineSetup;
}

function main(port: MessagePort): void {
  const { kind, setup } = workerData as DatagramWorkerSetup;
  const engine = createEngine(kind, setup);
  const desk = new DatagramDesk(engine, (report) => port.postMessage(report));
  const { takeover } = engine;
  if (takeover === undefined) {
    port.on('message', (order: DatagramOrder) => desk.obey(order));
    return;
  }
  takeover.run(() => {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      desk.obey((next as { readonly message: DatagramOrder }).message);
    }
  });
}

if (parentPort !== null) main(parentPort);
