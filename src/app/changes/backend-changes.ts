import { MOST_BACKENDS } from '../../core/backend.ts';
import { TslbError } from '../../core/errors.ts';
import type { Actor, BackendChange, BackendSteering } from '../../core/steering.ts';
import { readChange, readSpec } from './backend-input.ts';
import type { ChangeTools } from './change-tools.ts';
import { overridesOf, withBackend, withoutBackend, withOverride } from './overlay.ts';

/** Changes, adds and removes backends while tslb runs. Other changes do not wait until all threads elect by this one. */
export class BackendChanges implements BackendSteering {
  readonly #tools: ChangeTools;

  constructor(tools: ChangeTools) {
    this.#tools = tools;
  }

  async change(server: string, backend: string, change: BackendChange, by: Actor): Promise<void> {
    const { app, activeConfig, queue, auditLog } = this.#tools;
    await queue.run(async () => {
      const { overlay } = activeConfig.current;
      if (!app.server(server).has(backend) && !overridesOf(overlay, server).changed.has(backend)) {
        throw noSuchBackend(server, backend);
      }
      const own = readChange(change);
      if (Object.keys(own).length === 0) return;
      await activeConfig.applyOverrides(withOverride(overlay, server, backend, own), server);
      const what = `${changeText(own)} ${server}/${backend}`;
      auditLog.info({ by, what, server, backend, ...own }, 'backend override changed');
    });
    await app.followed(server);
  }

  /** @returns its key */
  async add(server: string, table: unknown, by: Actor): Promise<string> {
    const { app, activeConfig, queue, auditLog } = this.#tools;
    const key = await queue.run(async () => {
      const { backendList: list } = app.server(server);
      const { key, spec } = readSpec(table);
      if (list.has(key))
        throw new TslbError('TSLB_BACKEND_EXISTS', `the server ${server} already has the backend ${key}`);
      // A dump with more could not be loaded.
      if (list.specs.length >= MOST_BACKENDS) {
        const message = `the server ${server} has ${MOST_BACKENDS} backends, the maximum`;
        throw new TslbError('TSLB_TOO_MANY_BACKENDS', message);
      }
      const { overlay } = activeConfig.current;
      await activeConfig.applyOverrides(withBackend(overlay, server, spec, list.found(key)), server);
      auditLog.info({ by, what: `added ${server}/${key}`, server, backend: key }, 'backend added at runtime');
      return key;
    });
    await app.followed(server);
    return key;
  }

  async remove(server: string, backend: string, by: Actor): Promise<void> {
    const { app, activeConfig, queue, auditLog } = this.#tools;
    await queue.run(async () => {
      const { backendList: list } = app.server(server);
      if (!list.has(backend)) throw noSuchBackend(server, backend);
      const { overlay } = activeConfig.current;
      const isFound = list.found(backend) !== undefined;
      await activeConfig.applyOverrides(withoutBackend(overlay, server, backend, isFound), server);
      auditLog.info({ by, what: `removed ${server}/${backend}`, server, backend }, 'backend removed at runtime');
    });
    await app.followed(server);
  }
}

function noSuchBackend(server: string, backend: string): TslbError {
  return new TslbError('TSLB_NO_SUCH_BACKEND', `the server ${server} has no backend ${backend}`);
}

/** `state=draining weight=list` */
function changeText(change: object): string {
  return Object.entries(change)
    .map(([key, value]) => `${key}=${value === null ? 'list' : String(value)}`)
    .join(' ');
}
