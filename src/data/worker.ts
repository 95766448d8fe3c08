import { parentPort, workerData } from 'node:worker_threads';
import { createEngine } from './engines/registry.ts';
import type { Command, Report, ThreadSetup } from './messages.ts';
import { DataThread } from './thread.ts';

/** The entry of a data-plane thread: makes its engine and its servers, and connects them to the control plane. */
function main(): void {
  const port = parentPort;
  if (port === null) throw new Error('data/worker.ts runs in a worker thread only');
  const setup = workerData as ThreadSetup;
  const engine = createEngine(setup.engine, setup.descriptors);
  const thread = new DataThread(
    engine,
    () => Math.random(),
    setup,
    (report: Report) => port.postMessage(report),
  );
  port.on('message', (command: Command) => {
    if (command.type !== 'stop') {
      thread.handle(command);
      return;
    }
    thread.flush();
    port.postMessage({ type: 'stopped' } satisfies Report);
  });
}

main();
