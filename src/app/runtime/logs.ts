import type { Observe } from '../../data/plane/data-plane.ts';
import type { LogFields, ThreadLogLevel } from '../../data/protocol/messages.ts';
import type { LogLevel } from '../../log/level.ts';
import type { Log, Logger } from '../../log/log.ts';
import type { LoggingConfig } from '../../log/schema.ts';
import { AccessSink } from './access-sink.ts';

/** The log and the access log, and what threads write into them. */
export class Logs {
  readonly #log: Log;
  readonly #managerLog: Logger;
  readonly #serverLog: Logger;
  readonly #accessSink = new AccessSink();
  /** In force, with the level as it was set at runtime. */
  #logging: LoggingConfig;

  /** Opens the access log. @throws TslbError TSLB_LOG_OUTPUT */
  constructor(logging: LoggingConfig, log: Log) {
    this.#log = log;
    this.#managerLog = log.child('manager');
    this.#serverLog = log.child('server');
    this.#logging = logging;
    this.#accessSink.configure(logging.accessLog);
  }

  get logging(): LoggingConfig {
    return this.#logging;
  }

  /** What threads are to log. */
  get observe(): Observe {
    const { level, format, accessLog } = this.#logging;
    const isDebug = level === 'debug' || level === 'trace';
    return { debug: isDebug, accessLog: accessLog === undefined ? undefined : format };
  }

  /** @throws TslbError TSLB_LOG_OUTPUT */
  configure(logging: LoggingConfig): void {
    const { level, output, format, accessLog } = logging;
    this.#log.configure({ level, output, format });
    this.#accessSink.configure(accessLog);
    this.#logging = logging;
  }

  setLevel(level: LogLevel): void {
    this.#log.setLevel(level);
    this.#logging = { ...this.#logging, level };
  }

  /** After logrotate moved the files. @throws TslbError TSLB_LOG_OUTPUT */
  reopen(): void {
    this.#log.reopen();
    this.#accessSink.reopen();
    this.#managerLog.info('log files reopened');
  }

  /** Writes a record of a thread. */
  write(level: ThreadLogLevel, message: string, fields: LogFields): void {
    this.#serverLog[level](fields, message);
  }

  writeAccess(lines: string): void {
    const dropped = this.#accessSink.write(lines);
    if (dropped > 0) this.#managerLog.warn({ batches: dropped }, 'access log lines dropped: the reader is too slow');
  }

  /** Closes the access log. */
  async close(): Promise<void> {
    await this.#accessSink.close();
  }
}
