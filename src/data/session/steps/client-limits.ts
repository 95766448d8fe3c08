import type { ElectionContext } from '../../../core/context.ts';
import type { Step } from '../session.ts';

const context: ElectionContext = { ip: new Uint8Array(16), ipLength: 0 };

/** Counts the connections of each client, and closes those beyond its limits. */
export const clientLimits: Step = {
  enter(session) {
    const { clients, recorder } = session.server;
    if (!clients.areTracked) return 'next';
    session.pair.readClientIp(context);
    const client = clients.enter(context);
    if (typeof client === 'number') {
      session.client = client;
      return 'next';
    }
    recorder.limited(client);
    return 'PR';
  },
  leave({ client, server }) {
    server.clients.leave(client);
  },
};
