import { TslbError } from '../../core/errors.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Actor, PutOptions, ServerSteering } from '../../core/steering.ts';
import type { ChangeTools } from './change-tools.ts';
import { mergePatch } from './merge-patch.ts';
import { withoutServer, withServer } from './overlay.ts';

/** Puts, changes and removes servers while tslb runs. */
export class ServerChanges implements ServerSteering {
  readonly #tools: ChangeTools;

  constructor(tools: ChangeTools) {
    this.#tools = tools;
  }

  /** @returns whether the server is new */
  async put(name: string, table: unknown, { isNew, isStrict = false }: PutOptions, by: Actor): Promise<boolean> {
    const { activeConfig, queue, auditLog } = this.#tools;
    return queue.run(async () => {
      const isThere = activeConfig.tableOf(name) !== undefined;
      if (isNew && isThere) throw new TslbError('TSLB_SERVER_EXISTS', `the server ${name} exists already`);
      await this.#put(name, table, isStrict ? table : undefined);
      const what = `${isThere ? 'replaced' : 'added'} ${name}`;
      auditLog.info({ by, what, server: name, isNew: !isThere }, 'server put at runtime');
      return !isThere;
    });
  }

  async patch(name: string, patch: unknown, by: Actor): Promise<void> {
    const { activeConfig, queue, auditLog } = this.#tools;
    await queue.run(async () => {
      const table = activeConfig.tableOf(name);
      if (table === undefined) throw new TslbError('TSLB_NO_SUCH_SERVER', `there is no server ${name}`);
      await this.#put(name, mergePatch(table, patch), patch);
      auditLog.info({ by, what: `changed ${name}`, server: name, isNew: false }, 'server put at runtime');
    });
  }

  /** Resolves when its last connection has ended; other changes do not wait for that. */
  async remove(name: string, { drainMs }: { readonly drainMs: number }, by: Actor): Promise<void> {
    const { app, activeConfig, queue, auditLog } = this.#tools;
    const removed = await queue.run(async () => {
      const server = app.server(name);
      await activeConfig.apply(withoutServer(activeConfig.current.overlay, name), { drainMs });
      auditLog.info({ by, what: `removed ${name}`, server: name, drainMs }, 'server removed at runtime');
      return server;
    });
    await app.gone(removed);
  }

  /**
   * @param table absent: an empty one, for the overlay would take an absent table for no change
   * @param sent the part of it that is read strictly
   */
  async #put(name: string, table: unknown, sent: unknown): Promise<void> {
    const { activeConfig } = this.#tools;
    const overlay = withServer(activeConfig.current.overlay, name, (table ?? {}) as JsonTable);
    await activeConfig.apply(overlay, { sent: { name, table: sent } });
  }
}
