import type { ConnectionMatch } from '../../core/connection-list.ts';
import type { Actor, ConnectionSteering } from '../../core/steering.ts';
import type { DataPlane } from '../../data/plane/data-plane.ts';
import type { AuditLog, Change } from './audit-log.ts';

/** Connections that are cut on request. */
export class ConnectionKills implements ConnectionSteering {
  readonly #plane: DataPlane;
  readonly #auditLog: AuditLog;

  constructor(plane: DataPlane, auditLog: AuditLog) {
    this.#plane = plane;
    this.#auditLog = auditLog;
  }

  async kill(id: string, by: Actor): Promise<boolean> {
    const isKilled = await this.#plane.killConnection(id);
    if (isKilled) this.#log({ by, what: `killed connection ${id}`, connection: id, killed: 1 });
    return isKilled;
  }

  async killAll(match: ConnectionMatch, by: Actor): Promise<number> {
    const killed = await this.#plane.killConnections(match);
    this.#log({ by, what: `killed ${killed} connections ${matchText(match)}`.trimEnd(), ...match, killed });
    return killed;
  }

  #log(change: Change): void {
    this.#auditLog.info(change, 'connections killed');
  }
}

/** `server=web client=192.0.2.` */
function matchText({ server, backend, client }: ConnectionMatch): string {
  return Object.entries({ server, backend, client })
    .flatMap(([key, value]) => (value === undefined ? [] : `${key}=${value}`))
    .join(' ');
}
