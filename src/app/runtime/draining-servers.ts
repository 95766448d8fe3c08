import type { Clock } from '../../core/clock.ts';
import type { DataPlane } from '../../data/plane/data-plane.ts';
import type { Logger } from '../../log/log.ts';
import type { Server } from './server.ts';
import { within } from './within.ts';

export interface DrainingServersTools {
  readonly plane: DataPlane;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Removed servers, until their last connections have ended. */
export class DrainingServers {
  readonly #tools: DrainingServersTools;
  readonly #draining = new Map<Server, Promise<void>>();
  readonly #cut = new AbortController();

  constructor(tools: DrainingServersTools) {
    this.#tools = tools;
  }

  /** Takes a server that accepts no connections any more. @param drainMs for how long its connections may last */
  add(server: Server, drainMs: number): void {
    server.stop();
    this.#draining.set(
      server,
      this.#drain(server, drainMs).finally(() => this.#draining.delete(server)),
    );
  }

  get all(): readonly Server[] {
    return [...this.#draining.keys()];
  }

  /** Resolves when none of the servers that drain now is left. */
  async allGone(): Promise<void> {
    await Promise.all(this.#draining.values());
  }

  /** Resolves when the last connection of this server has ended. */
  async gone(server: Server): Promise<void> {
    await this.#draining.get(server);
  }

  /** Cuts the connections of the servers that drain now, and of those that will. */
  cut(): void {
    this.#cut.abort();
  }

  async #drain(server: Server, drainMs: number): Promise<void> {
    const { plane, clock, log } = this.#tools;
    const retired = plane.retired(server.id);
    const isRetired = await within(drainMs, clock, retired, this.#cut.signal);
    const fields = { server: server.config.name };
    if (!isRetired) {
      const connections = server.ledger.serverActive();
      if (connections > 0) log.warn({ ...fields, connections }, 'cutting connections');
      plane.cut(server.id);
    }
    await retired;
    log.info(fields, 'drained');
  }
}
