import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Takeover } from '../../core/engine.ts';
import { createEngine } from '../engines/registry.ts';
import type { Command, ThreadReport, ThreadSetup } from '../protocol/messages.ts';
import { DataThread } from './thread.ts';

/** The entry of a data-plane thread: makes its engine and its servers, and connects them to the control plane. */
function main(): void {
  const port = parentPort;
  if (port === null) throw new Error('data/thread/worker.ts runs in a worker thread only');
  const setup = workerData as ThreadSetup;
  const engine = createEngine(setup.engine, setup);
  const report = (said: ThreadReport): void => port.postMessage(said);
  const thread = new DataThread(engine, () => Math.random(), setup, report);

  function obey(command: Command): void {
    if (command.type !== 'stop') {
      thread.handle(command);
      return;
    }
    thread.flush();
    report({ type: 'stopped' });
    engine.takeover?.stop();
  }

  if (engine.takeover === undefined) port.on('message', obey);
  else takeOver(engine.takeover, port, obey);
}

/** Node's event loop does not run meanwhile, so that messages have to be fetched. */
function takeOver(takeover: Takeover, port: MessagePort, obey: (command: Command) => void): void {
  takeover.run(() => {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      obey((next as { readonly message: Command }).message);
    }
  });
}

main();
