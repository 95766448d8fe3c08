import { contextOf } from '../client-context.ts';
import type { Step } from '../session.ts';

/** Counts the connections of each client, and closes those beyond its limits. */
export const clientLimits: Step = {
  enter(session) {
    const { clients, recorder } = session.server;
    if (!clients.areTracked) return 'next';
    const entry = clients.enter(contextOf(session.clientAddress));
    if (typeof entry === 'number') {
      session.clientEntry = entry;
      return 'next';
    }
    recorder.limited(entry);
    return 'PR';
  },
  leave({ clientEntry, server }) {
    server.clients.leave(clientEntry);
  },
};
