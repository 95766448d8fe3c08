import { ENTERED, type Step } from '../session.ts';

/** Takes a place at the server, which has no more than its max_connections. */
export const serverLimit: Step = {
  enter(session) {
    const { ledger, settings, recorder } = session.server;
    if (ledger.enterServer(settings.limits.maxConnections)) {
      session.stage = ENTERED;
      return 'next';
    }
    recorder.serverIsFull();
    return 'PC';
  },
  leave({ stage, server }) {
    if (stage >= ENTERED) server.ledger.leaveServer();
  },
};
