import type { SocketAddress } from '../../../core/address.ts';
import type { SharedListener } from '../shared-listener.ts';
import { Holders } from './holders.ts';
import { loadLibc } from './libc.ts';
import { addressInUse, closeListeningSocket, openListeningSocket } from './listening-socket.ts';

/** The main thread's own; those of the threads follow. */
const MAIN_SEAT = 0;

/**
 * Opens a listening socket for threads of this engine. The main thread holds it besides them, so that a thread may die
 * and be replaced without a client being lost that waits in its backlog.
 * @throws Error with the system's code
 */
export function openSharedListener(address: SocketAddress, seats: number): SharedListener {
  const libc = loadLibc();
  const fd = openListeningSocket(libc, address);
  const at = addressInUse(libc, fd, address);
  const holders = Holders.forSeats(1 + seats);
  holders.hold(MAIN_SEAT);
  const letGo = (seat: number): void => {
    if (holders.letGo(seat)) closeListeningSocket(libc, fd, address);
  };
  return {
    at,
    admit(seat) {
      holders.hold(1 + seat);
      return { fd, at, holders: holders.memory, seat: 1 + seat };
    },
    vacate: (seat) => letGo(1 + seat),
    release: () => letGo(MAIN_SEAT),
  };
}
