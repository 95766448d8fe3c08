import { addressText, type SocketAddress } from '../../core/address.ts';
import type { Bind, ServerSpec } from '../protocol/messages.ts';
import type { Deployment } from './deployment.ts';
import type { Placement } from './placement.ts';
import type { SharedSockets } from './shared-sockets.ts';
import type { ThreadHandle } from './thread-handle.ts';

/** Where threads are to listen. */
export interface Whereabouts {
  readonly places: Placement<ThreadHandle>;
  readonly sockets: SharedSockets;
}

/** The servers that have a bind on this thread, with those binds. */
export function specsFor(
  thread: ThreadHandle,
  deployments: readonly Deployment[],
  { places, sockets }: Whereabouts,
): readonly ServerSpec[] {
  function bindFor(address: SocketAddress): Bind {
    const socket = sockets.socketFor(addressText(address), thread.workerIndex);
    return socket === undefined ? { address } : { address, socket };
  }

  return deployments.flatMap(({ ledger, clients, ...deployment }) => {
    const binds = deployment.binds.filter((address) => places.get(addressText(address))?.includes(thread)).map(bindFor);
    return binds.length === 0
      ? []
      : [{ ...deployment, binds, ledger: ledger.open(thread.number), clients: clients?.open(thread.number) }];
  });
}
