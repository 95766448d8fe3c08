import { MessageChannel } from 'node:worker_threads';

import pLimit from 'p-limit';

import { App } from '../app/app.ts';
import type { Config } from '../app/config.ts';
import { readConfigFile } from '../app/load.ts';
import { systemClock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import { createLog, type Log, type Logger } from '../log/log.ts';
import { diagnosticLine, reportText } from './check-report.ts';
import { loadOptions, type ConfigOptions } from './config-options.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { writePidFile } from './pid-file.ts';
import { version } from './version.ts';
import { watchFile } from './watch-file.ts';

export interface StartOptions extends ConfigOptions {
  readonly pidfile?: string | undefined;
  /** How long connections may last after a stop, or after their server was removed. */
  readonly drainTimeout: number;
  /** Reload when the file changes. */
  readonly watch?: boolean | undefined;
}

/** `tslb start`: runs until a signal ends it. */
export async function start(options: StartOptions): Promise<ExitCode> {
  const { config, diagnostics } = await readConfigFile(options.config, loadOptions(options));
  if (config === undefined) {
    process.stderr.write(reportText(diagnostics, { hasColour: process.stderr.isTTY }));
    return EXIT.usage;
  }
  const endings: (() => unknown)[] = [];
  try {
    if (options.pidfile !== undefined) {
      const pidFile = writePidFile(options.pidfile);
      endings.push(() => pidFile.release());
    }
    const log = createLog(config.logging);
    endings.push(() => log.close());
    for (const diagnostic of diagnostics) log.child('config').warn(diagnosticLine(diagnostic));
    await run(options, config, log);
    return EXIT.ok;
  } catch (thrown) {
    process.stderr.write(`tslb: cannot start: ${asError(thrown).message}\n`);
    return EXIT.failed;
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** From the first bind to the last connection. A start, a reload and a stop come one after the other. */
async function run(options: StartOptions, config: Config, log: Log): Promise<void> {
  const main = log.child('main');
  const app = new App(config, { log, clock: systemClock, drainMs: options.drainTimeout });
  const inTurn = pLimit(1);
  const isStopping = new AbortController();
  const reload = (): void => {
    void inTurn(() => (isStopping.signal.aborted ? undefined : reloadFile(options, app, main)));
  };
  const release = holdProcess();
  process.on('SIGHUP', reload);
  process.on('SIGUSR1', () => reopen(app, main));
  const stopSignal = nextSignal('SIGTERM', 'SIGINT');
  main.info({ version: version(), pid: process.pid, config: options.config }, 'starting');
  const watch = options.watch === true ? watchFile(options.config, reload) : undefined;
  try {
    await inTurn(() => app.start(config));
    await stopSignal;
    isStopping.abort();
    void nextSignal('SIGTERM', 'SIGINT').then(() => app.cut());
    await inTurn(() => app.stop());
  } finally {
    await watch?.close();
    release();
  }
}

/** Keeps everything as it is, and says why, when the file is not good or cannot be put into force. */
async function reloadFile(options: StartOptions, app: App, log: Logger): Promise<void> {
  const { config, diagnostics } = await readConfigFile(options.config, loadOptions(options));
  for (const diagnostic of diagnostics)
    log[diagnostic.severity === 'error' ? 'error' : 'warn'](diagnosticLine(diagnostic));
  if (config === undefined) {
    log.error({ config: options.config }, 'not reloaded: the file has errors');
    return;
  }
  try {
    await app.reload(config);
  } catch (err) {
    log.error({ config: options.config, err }, 'not reloaded');
  }
}

function reopen(app: App, log: Logger): void {
  try {
    app.reopenLogs();
  } catch (err) {
    log.error({ err }, 'log files not reopened');
  }
}

/** Resolves at the first of these signals that comes from now on. */
function nextSignal(...signals: readonly NodeJS.Signals[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve());
  });
}

/** Keeps the process running though it may have no server, and so no socket that would. */
function holdProcess(): () => void {
  const hold = new MessageChannel().port1;
  hold.ref();
  return () => hold.close();
}
