import type { LogFields, Report, ThreadLogLevel } from './messages.ts';

const RARELY_MS = 10_000;

/**
 * A data-plane thread's way to the log: records go to the control plane, which writes them. Ask `isDebug` before
 * building the fields of a debug record.
 */
export class ThreadLog {
  readonly #report: (report: Report) => void;
  readonly #now: () => number;
  readonly #lastSaid = new Map<string, number>();
  isDebug: boolean;

  constructor(report: (report: Report) => void, now: () => number, isDebug: boolean) {
    this.#report = report;
    this.#now = now;
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

  /** For what may happen to every client: says it once in ten seconds for each server and reason. */
  rarely(level: ThreadLogLevel, message: string, fields: LogFields): void {
    const key = `${message}\0${String(fields['server'])}\0${String(fields['reason'])}`;
    const now = this.#now();
    if (now - (this.#lastSaid.get(key) ?? -Infinity) < RARELY_MS) return;
    this.#lastSaid.set(key, now);
    this.#say(level, message, fields);
  }

  #say(level: ThreadLogLevel, message: string, fields: LogFields): void {
    this.#report({ type: 'log', level, message, fields });
  }
}
