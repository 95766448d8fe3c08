import type { ConnectionList, ConnectionMatch, ConnectionQuery, ConnectionStatus } from '../../core/connection-list.ts';
import { isOf } from '../../wire/client-address.ts';
import type { Connection } from '../session/connection.ts';
import type { Frontend } from '../session/frontend.ts';
import { TopK } from './top-k.ts';

/** What ranks first has the highest. */
const RANKS = {
  age: (connection) => -connection.number,
  rx: (connection) => connection.rxBytes,
  tx: (connection) => connection.txBytes,
} as const satisfies Record<ConnectionQuery['sort'], (connection: Connection) => number>;

/** The connections that one thread has now, to be listed and killed. */
export class ConnectionsNow {
  readonly #thread: number;
  readonly #servers: () => Iterable<Frontend>;

  /** @param thread its number @param servers all that may have connections, each once */
  constructor(thread: number, servers: () => Iterable<Frontend>) {
    this.#thread = thread;
    this.#servers = servers;
  }

  list(query: ConnectionQuery): ConnectionList {
    const top = new TopK(query.limit, RANKS[query.sort]);
    let total = 0;
    this.#each(query, (connection) => {
      total += 1;
      top.offer(connection);
    });
    return { total, connections: top.items().map((connection) => this.#status(connection)) };
  }

  /** Cuts all that match. @returns how many */
  kill(match: ConnectionMatch): number {
    let killed = 0;
    this.#each(match, (connection) => {
      connection.kill();
      killed += 1;
    });
    return killed;
  }

  /** @returns whether it was there still */
  killOne(number: number): boolean {
    let isThere = false;
    this.#each({}, (connection) => {
      if (connection.number !== number) return;
      connection.kill();
      isThere = true;
    });
    return isThere;
  }

  /** Those that end already are as good as gone. There may be tens of thousands: what costs least is looked at first. */
  #each({ server: name, backend, client }: ConnectionMatch, visit: (connection: Connection) => void): void {
    for (const server of this.#servers()) {
      if (name !== undefined && server.name !== name) continue;
      for (const connection of server.connections) {
        if (connection.stageName === undefined) continue;
        if (backend !== undefined && connection.currentBackend?.key !== backend) continue;
        if (client !== undefined && !isOf(connection.clientAddress, client)) continue;
        visit(connection);
      }
    }
  }

  #status(connection: Connection): ConnectionStatus {
    const { client, tried, rxBytes, txBytes, queueMs, totalMs } = connection.summary();
    const { currentBackend: backend, serverName, stageName: stage = 'connecting' } = connection;
    return {
      id: `${this.#thread}-${connection.number}`,
      server: serverName,
      client,
      ...(backend === undefined ? {} : { backend: backend.key }),
      stage,
      ageMs: totalMs,
      queueMs: stage === 'queued' ? totalMs : queueMs,
      rxBytes,
      txBytes,
      tried,
      ...(connection.tlsName !== undefined && connection.tlsName !== '' && { tlsName: connection.tlsName }),
    };
  }
}
