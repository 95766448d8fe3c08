import { contextOf } from '../client-context.ts';
import type { Step } from '../session.ts';

/** Counts the connections of each client, and closes those beyond its limits. */
export const clientLimits: Step = {
  enter(session) {
    const { clients, recorder } = session.server;
    if (!clients.areTracked) return 'next';
    const client = clients.enter(contextOf(session.clientAddress));
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
