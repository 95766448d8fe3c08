import type { Clock } from '../../core/clock.ts';
import type { DataPlane } from '../../data/plane/data-plane.ts';
import type { Logger } from '../../log/log.ts';
import type { Unit } from './unit.ts';
import { within } from './within.ts';

export interface RetireesTools {
  readonly plane: DataPlane;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Removed servers, until their last connections have ended. */
export class Retirees {
  readonly #tools: RetireesTools;
  readonly #draining = new Map<Unit, Promise<void>>();
  readonly #cut = new AbortController();

  constructor(tools: RetireesTools) {
    this.#tools = tools;
  }

  /** It accepts nobody any more. @param drainMs for how long its connections may last */
  add(unit: Unit, drainMs: number): void {
    unit.stop();
    this.#draining.set(
      unit,
      this.#drain(unit, drainMs).finally(() => this.#draining.delete(unit)),
    );
  }

  get units(): readonly Unit[] {
    return [...this.#draining.keys()];
  }

  /** Resolves when none is left of those that are here now. */
  async allGone(): Promise<void> {
    await Promise.all(this.#draining.values());
  }

  /** Resolves when the last connection of this one has ended. */
  async gone(unit: Unit): Promise<void> {
    await this.#draining.get(unit);
  }

  /** Cuts the connections of those that are here, and of those that will be. */
  cut(): void {
    this.#cut.abort();
  }

  async #drain(unit: Unit, drainMs: number): Promise<void> {
    const { plane, clock, log } = this.#tools;
    const retired = plane.retired(unit.id);
    const isRetired = await within(drainMs, clock, retired, this.#cut.signal);
    const fields = { server: unit.config.name };
    if (!isRetired) {
      const connections = unit.ledger.serverActive();
      if (connections > 0) log.warn({ ...fields, connections }, 'cutting connections');
      plane.cut(unit.id);
    }
    await retired;
    log.info(fields, 'drained');
  }
}
