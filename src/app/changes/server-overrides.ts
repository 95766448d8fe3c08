import { TslbError } from '../../core/errors.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Actor, PutOptions, ServerSteering } from '../../core/steering.ts';
import type { ChangeTools } from './change-tools.ts';
import { mergePatch } from './merge-patch.ts';
import { withoutServer, withServer } from './overlay.ts';

/** Servers that are put, changed and removed while tslb runs. */
export class ServerOverrides implements ServerSteering {
  readonly #tools: ChangeTools;

  constructor(tools: ChangeTools) {
    this.#tools = tools;
  }

  /** @returns whether there was none of that name */
  async put(name: string, table: unknown, { isNew, isStrict = false }: PutOptions, by: Actor): Promise<boolean> {
    const { standing, turns, auditLog } = this.#tools;
    return turns.take(async () => {
      const isThere = standing.tableOf(name) !== undefined;
      if (isNew && isThere) throw new TslbError('TSLB_SERVER_EXISTS', `there is a server ${name} already`);
      await this.#put(name, table, isStrict ? table : undefined);
      const what = `${isThere ? 'replaced' : 'added'} ${name}`;
      auditLog.info({ by, what, server: name, isNew: !isThere }, 'server put at runtime');
      return !isThere;
    });
  }

  async patch(name: string, patch: unknown, by: Actor): Promise<void> {
    const { standing, turns, auditLog } = this.#tools;
    await turns.take(async () => {
      const table = standing.tableOf(name);
      if (table === undefined) throw new TslbError('TSLB_NO_SUCH_SERVER', `there is no server ${name}`);
      await this.#put(name, mergePatch(table, patch), patch);
      auditLog.info({ by, what: `changed ${name}`, server: name, isNew: false }, 'server put at runtime');
    });
  }

  /** Resolves when its last connection has ended; others have their turns before. */
  async remove(name: string, { drainMs }: { readonly drainMs: number }, by: Actor): Promise<void> {
    const { app, standing, turns, auditLog } = this.#tools;
    const unit = await turns.take(async () => {
      const removed = app.unit(name);
      await standing.become(withoutServer(standing.inForce.overlay, name), { drainMs });
      auditLog.info({ by, what: `removed ${name}`, server: name, drainMs }, 'server removed at runtime');
      return removed;
    });
    await app.gone(unit);
  }

  /**
   * An absent table would be taken for no server.
   * @param sent what is read strictly
   */
  async #put(name: string, table: unknown, sent: unknown): Promise<void> {
    const { standing } = this.#tools;
    const overlay = withServer(standing.inForce.overlay, name, (table ?? {}) as JsonTable);
    await standing.become(overlay, { sent: { name, table: sent } });
  }
}
