import type { Actor, CounterSteering } from '../../core/steering.ts';
import type { App } from '../runtime/app.ts';
import type { AuditLog } from './audit-log.ts';

/** Counters that are reset on request. */
export class CounterResets implements CounterSteering {
  readonly #app: App;
  readonly #auditLog: AuditLog;

  constructor(app: App, auditLog: AuditLog) {
    this.#app = app;
    this.#auditLog = auditLog;
  }

  reset(server: string | undefined, by: Actor): void {
    const servers = server === undefined ? this.#app.servers : [this.#app.server(server)];
    for (const each of servers) each.resetCounters();
    const one = server === undefined ? {} : { server };
    this.#auditLog.info({ by, what: `reset ${server ?? 'all'}`, ...one }, 'counters reset');
    this.#app.events.tell({ type: 'reset', ...one });
  }
}
