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
    const { server, backend, client } = match;
    const which = Object.entries({ server, backend, client: client?.text }).filter(([, text]) => text !== undefined);
    const words = which.map(([key, text]) => `${key}=${text}`).join(' ');
    const what = `killed ${killed} connections ${words}`.trimEnd();
    this.#log({ by, what, ...Object.fromEntries(which), killed });
    return killed;
  }

  #log(change: Change): void {
    this.#auditLog.info(change, 'connections killed');
  }
}
