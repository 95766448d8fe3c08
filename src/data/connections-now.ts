import type { ConnectionList, ConnectionMatch, ConnectionQuery, ConnectionStatus } from '../core/control.ts';
import type { Connection } from './connection.ts';
import type { Frontend } from './frontend.ts';
import { Top } from './top.ts';

/** What ranks first has the highest. */
const RANKS = {
  age: (connection) => -connection.number,
  rx: (connection) => connection.rxBytes,
  tx: (connection) => connection.txBytes,
} as const satisfies Record<ConnectionQuery['sort'], (connection: Connection) => number>;

interface Found {
  readonly connection: Connection;
  readonly server: Frontend;
}

/** The connections of one thread, as whoever looks on may ask for them. */
export class ConnectionsNow {
  readonly #thread: number;
  readonly #servers: () => Iterable<Frontend>;

  /** @param thread its number @param servers all that may have connections, each once */
  constructor(thread: number, servers: () => Iterable<Frontend>) {
    this.#thread = thread;
    this.#servers = servers;
  }

  list(query: ConnectionQuery): ConnectionList {
    const rankOf = RANKS[query.sort];
    const top = new Top<Found>(query.limit, ({ connection }) => rankOf(connection));
    let total = 0;
    for (const found of this.#matching(query)) {
      total += 1;
      top.offer(found);
    }
    return { total, connections: top.items().map((found) => this.#status(found)) };
  }

  /** Cuts all that match. @returns how many */
  kill(match: ConnectionMatch): number {
    let killed = 0;
    for (const { connection } of this.#matching(match)) {
      connection.kill();
      killed += 1;
    }
    return killed;
  }

  /** @returns whether it was there still */
  killOne(number: number): boolean {
    for (const { connection } of this.#matching({})) {
      if (connection.number !== number) continue;
      connection.kill();
      return true;
    }
    return false;
  }

  /** Those that end already are as good as gone. */
  *#matching({ server: name, backend, client }: ConnectionMatch): Generator<Found> {
    for (const server of this.#servers()) {
      if (name !== undefined && server.name !== name) continue;
      for (const connection of server.connections) {
        if (connection.stage === undefined) continue;
        if (backend !== undefined && connection.backend?.key !== backend) continue;
        if (client !== undefined && !connection.clientText.startsWith(client)) continue;
        yield { connection, server };
      }
    }
  }

  #status({ connection, server }: Found): ConnectionStatus {
    const { client, tried, rxBytes, txBytes, queueMs, totalMs } = connection.summary();
    const { backend, stage = 'connecting' } = connection;
    return {
      id: `${this.#thread}-${connection.number}`,
      server: server.name,
      client,
      ...(backend === undefined ? {} : { backend: backend.key }),
      stage,
      ageMs: totalMs,
      queueMs: stage === 'queued' ? totalMs : queueMs,
      rxBytes,
      txBytes,
      tried,
    };
  }
}
