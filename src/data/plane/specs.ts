import { addressText, type SocketAddress } from '../../core/address.ts';
import type { Bind, ServerSpec } from '../protocol/messages.ts';
import type { Deployment } from './deployment.ts';
import type { Handover } from './handover.ts';
import type { Placement } from './placement.ts';
import type { SharedSockets } from './shared-sockets.ts';
import type { ThreadHandle } from './thread-handle.ts';

/** Where threads are to listen. */
export interface Whereabouts {
  readonly places: Placement<ThreadHandle>;
  readonly sockets: SharedSockets;
  readonly handover: Handover | undefined;
}

/** The servers that have a bind on this thread, with those binds. */
export function specsFor(
  thread: ThreadHandle,
  deployments: readonly Deployment[],
  { places, sockets, handover }: Whereabouts,
): readonly ServerSpec[] {
  function bindFor(address: SocketAddress): Bind {
    const bind = addressText(address);
    const socket = sockets.socketFor(bind, thread.workerIndex);
    const descriptor = handover?.descriptorOf(bind);
    return {
      address,
      ...(socket !== undefined && { socket }),
      ...(descriptor !== undefined && { descriptor }),
    };
  }

  return deployments.flatMap(({ ledger, clients, ...deployment }) => {
    const binds = deployment.binds.filter((address) => places.get(addressText(address))?.includes(thread)).map(bindFor);
    return binds.length === 0
      ? []
      : [{ ...deployment, binds, ledger: ledger.open(thread.number), clients: clients?.open(thread.number) }];
  });
}
