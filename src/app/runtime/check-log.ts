import type { HealthEvents } from '../../control/healthcheck/monitor.ts';
import type { Health } from '../../core/healthcheck.ts';
import type { Logger } from '../../log/log.ts';
import { tenths } from './pool-log.ts';

/**
 * Logs the outcome of each check at level debug, and warns once of a backend whose checks are inconclusive. What this host
 * lacks concerns all backends, and is told elsewhere (shortages.ts).
 */
export class CheckLog {
  readonly #log: Logger;
  readonly #server: string;
  /** Backends whose last check was inconclusive. */
  readonly #undecided = new Set<string>();

  constructor(log: Logger, server: string) {
    this.#log = log;
    this.#server = server;
  }

  checked(...[backend, health, { outcome, lack }]: Parameters<Required<HealthEvents>['checked']>): void {
    const fields = { server: this.#server, backend, outcome, ...fieldsOf(health) };
    const isNew = outcome === 'inconclusive' && !this.#undecided.has(backend);
    if (outcome === 'inconclusive') this.#undecided.add(backend);
    else this.#undecided.delete(backend);
    if (isNew && lack === undefined) this.#log.warn(fields, 'backend check inconclusive');
    else this.#log.debug(fields, 'backend checked');
  }
}

function fieldsOf({ state, consecutive, reason, durationMs }: Health) {
  return { state, consecutive, reason, durationMs: tenths(durationMs) };
}
