import type { Reloads } from '../../core/process-status.ts';
import type { Actor, ConfigurationSteering, ReloadResult } from '../../core/steering.ts';
import type { Logger } from '../../log/log.ts';
import type { ChangeTools } from './change-tools.ts';
import { Reloading, type ReloadingParts } from './reloading.ts';

export interface ReloadRequestsParts extends ChangeTools, ReloadingParts {}

/** Runs requested reloads one after the other, and counts those that failed. */
export class ReloadRequests implements ConfigurationSteering {
  readonly #tools: ChangeTools;
  readonly #log: Logger;
  readonly #reloading: Reloading;
  #failed = 0;
  #hasFailed = false;

  constructor(parts: ReloadRequestsParts) {
    this.#tools = parts;
    this.#log = parts.log;
    this.#reloading = new Reloading(parts);
  }

  get status(): Reloads {
    return { ...this.#tools.activeConfig.changes, failed: this.#failed, hasFailed: this.#hasFailed };
  }

  /** Reads the file again; changes at runtime stay. A failure is logged. @throws as ConfigurationSteering.reload */
  async reload(by: Actor): Promise<ReloadResult> {
    const { queue, auditLog } = this.#tools;
    if (queue.isClosed) this.#log.warn('not reloaded: stopping');
    return queue.run(async () => {
      if (by.via === 'api' || by.via === 'page') auditLog.info({ by, what: 'reload' }, 'reload requested');
      try {
        const result = await this.#reloading.reload();
        this.#hasFailed = false;
        return result;
      } catch (thrown) {
        this.#failed += 1;
        this.#hasFailed = true;
        throw thrown;
      }
    });
  }
}
