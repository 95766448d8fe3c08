import { TslbError } from '../../core/errors.ts';
import type { Actor, LogLevelSteering } from '../../core/steering.ts';
import { LOG_LEVELS } from '../../log/level.ts';
import type { App } from '../runtime/app.ts';
import type { AuditLog } from './audit-log.ts';

/** The level of the log, changed on request. */
export class LogLevelChanges implements LogLevelSteering {
  readonly #app: App;
  readonly #auditLog: AuditLog;

  constructor(app: App, auditLog: AuditLog) {
    this.#app = app;
    this.#auditLog = auditLog;
  }

  set(level: string, by: Actor): void {
    const known = LOG_LEVELS.find((each) => each === level);
    if (known === undefined) {
      throw new TslbError('TSLB_LOG_LEVEL', `there is no log level ${level}; there are ${LOG_LEVELS.join(', ')}`);
    }
    // Logged before the change where the old level shows it, else after the change.
    const isHeard = this.#auditLog.isLogged;
    if (!isHeard) this.#app.setLogLevel(known);
    this.#auditLog.info({ by, what: `log level ${known}`, level: known }, 'log level changed');
    if (isHeard) this.#app.setLogLevel(known);
  }
}
