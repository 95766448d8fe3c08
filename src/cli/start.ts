import pLimit from 'p-limit';

import { App } from '../app/app.ts';
import type { Config } from '../app/config.ts';
import { readConfigFile } from '../app/load.ts';
import { systemClock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import { createLog, type Log, type Logger } from '../log/log.ts';
import { diagnosticLine, reportText, visible } from './check-report.ts';
import { loadOptions, type ConfigOptions } from './config-options.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { holdProcess } from './hold-process.ts';
import { writePidFile } from './pid-file.ts';
import { RunSignals } from './run-signals.ts';
import { version } from './version.ts';
import { fileState, type FileWatch, watchFile } from './watch-file.ts';

export interface StartOptions extends ConfigOptions {
  readonly pidfile?: string | undefined;
  /** How long connections may last after a stop, or after their server was removed. */
  readonly drainTimeout: number;
  /** Reload when the file changes. */
  readonly watch?: boolean | undefined;
}

/** `tslb start`: runs until a signal ends it. */
export async function start(options: StartOptions): Promise<ExitCode> {
  const state = options.watch === true ? fileState(options.config) : '';
  const { config, diagnostics } = await readConfigFile(options.config, loadOptions(options));
  if (config === undefined) {
    process.stderr.write(reportText(diagnostics, { hasColour: process.stderr.isTTY }));
    return EXIT.usage;
  }
  const signals = new RunSignals();
  const endings: (() => unknown)[] = [];
  try {
    if (options.pidfile !== undefined) {
      const pidFile = writePidFile(options.pidfile);
      endings.push(() => pidFile.release());
    }
    const log = createLog(config.logging);
    endings.push(() => log.close());
    for (const diagnostic of diagnostics) log.child('config').warn(diagnosticLine(diagnostic));
    return await run({ ...options, state }, config, log, signals);
  } catch (thrown) {
    process.stderr.write(`tslb: cannot start: ${visible(asError(thrown).message)}\n`);
    return EXIT.failed;
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

interface RunOptions extends StartOptions {
  /** Of the file, before it was read. */
  readonly state: string;
}

/**
 * From the first bind to the last connection. A start, a reload and a stop come one after the other.
 * @throws Error when it cannot start
 */
async function run(options: RunOptions, config: Config, log: Log, signals: RunSignals): Promise<ExitCode> {
  const main = log.child('main');
  const app = new App(config, { log, clock: systemClock, drainMs: options.drainTimeout });
  const inTurn = pLimit(1);
  const ending = new AbortController();
  const reload = (): void => {
    if (ending.signal.aborted) main.warn('not reloaded: stopping');
    else void inTurn(() => (ending.signal.aborted ? undefined : reloadFile(options, app, main)));
  };
  const release = holdProcess();
  main.info({ version: version(), pid: process.pid, config: options.config }, 'starting');
  let watch: FileWatch | undefined;
  try {
    const started = inTurn(() => startOr(() => ending.abort(), app, config));
    signals.serve({ reload, reopenLogs: () => reopen(app, main), cut: () => app.cut() });
    await started;
    if (options.watch === true) watch = watchFile(options.config, options.state, { changed: reload, failed });
    await signals.stop;
    ending.abort();
    return await inTurn(() => stop(app, main));
  } finally {
    await watch?.close();
    release();
  }

  function failed(err: Error): void {
    main.warn({ config: options.config, err }, 'changes of the file may go unnoticed');
  }
}

/** @param failed called before anything that waits for the start can run */
async function startOr(failed: () => void, app: App, config: Config): Promise<void> {
  try {
    await app.start(config);
  } catch (thrown) {
    failed();
    throw thrown;
  }
}

async function stop(app: App, log: Logger): Promise<ExitCode> {
  try {
    await app.stop();
    return EXIT.ok;
  } catch (err) {
    log.error({ err }, 'not stopped in order');
    return EXIT.failed;
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
