import { LogThrottle } from './log-throttle.ts';
import type { LogFields, ThreadReport, ThreadLogLevel } from './messages.ts';

const LOG_EVERY_MS = 10_000;

/**
 * A data-plane thread's way to the log: records go to the control plane, which writes them. Ask `isDebug` before
 * building the fields of a debug record.
 */
export class ThreadLog {
  readonly #report: (report: ThreadReport) => void;
  readonly #throttle: LogThrottle;
  isDebug: boolean;

  constructor(report: (report: ThreadReport) => void, now: () => number, isDebug: boolean) {
    this.#report = report;
    this.#throttle = new LogThrottle(now, LOG_EVERY_MS);
    this.isDebug = isDebug;
  }

  debug(message: string, fields: LogFields): void {
    if (this.isDebug) this.#say('debug', message, fields);
  }

  info(message: string, fields: LogFields): void {
    this.#say('info', message, fields);
  }

  warn(message: string, fields: LogFields): void {
    this.#say('warn', message, fields);
  }

  error(message: string, fields: LogFields): void {
    this.#say('error', message, fields);
  }

  /** For what may happen to every client. The control plane asks again, for several threads may say the same. */
  throttled(level: ThreadLogLevel, message: string, fields: LogFields): void {
    if (this.#throttle.isDue(message, fields)) this.#say(level, message, fields, true);
  }

  #say(level: ThreadLogLevel, message: string, fields: LogFields, isThrottled = false): void {
    this.#report({ type: 'log', level, message, fields, isThrottled });
  }
}
