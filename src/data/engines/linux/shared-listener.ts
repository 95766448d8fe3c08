import { rmSync } from 'node:fs';
import type { SocketAddress } from '../../../core/address.ts';
import type { SharedListener } from '../common/shared-listener.ts';
import { FdHolders } from './fd-holders.ts';
import { loadLibc } from './libc.ts';
import { addressInUse, openListeningSocket } from './listening-socket.ts';

/** The main thread's own; those of the threads follow. */
const MAIN_HOLDER = 0;

/**
 * Opens a listening socket for threads of this engine. The main thread holds it besides them, so that a thread may die
 * and be replaced without a client being lost that waits in its backlog.
 * @throws Error with the system's code
 */
export function openSharedListener(address: SocketAddress, workers: number, isBeside: boolean): SharedListener {
  const libc = loadLibc();
  const fd = openListeningSocket(libc, address, isBeside);
  const at = addressInUse(libc, fd, address);
  const holders = FdHolders.ofSize(1 + workers);
  holders.hold(MAIN_HOLDER);
  const releaseFor = (holder: number): void => {
    if (holders.release(holder)) libc.close(fd);
  };
  return {
    at,
    socketFor: (workerIndex) => ({ fd, at, holders: holders.memory, holder: 1 + workerIndex }),
    admit: (workerIndex) => holders.hold(1 + workerIndex),
    vacate: (workerIndex) => releaseFor(1 + workerIndex),
    release() {
      // The path goes first: while the socket listens, another process takes it for ours and not for a dead one's.
      if ('path' in address) removeFile(address.path);
      releaseFor(MAIN_HOLDER);
    },
  };
}

function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It is stale from now on: the next listener at that path removes it, or says why it cannot.
  }
}
