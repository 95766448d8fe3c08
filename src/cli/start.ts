import { type ConfigLayers, loadInitialConfig, type ReadConfig } from '../app/changes/initial-config.ts';
import { readConfigFile } from '../app/config/load.ts';
import { Daemon } from '../app/daemon.ts';
import { diagnosticLine, visible } from '../config/problem/diagnostic-line.ts';
import { systemClock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import type { Actor } from '../core/steering.ts';
import { createLog, type Log, type Logger } from '../log/log.ts';
import { reportText } from './check-report.ts';
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

/** `tslb start`: runs until a signal ends it. @throws TslbError TSLB_STATE_FILE */
export async function start(options: StartOptions): Promise<ExitCode> {
  const state = options.watch === true ? fileState(options.config) : '';
  const read: ReadConfig = () => readConfigFile(options.config, loadOptions(options));
  const { initial, diagnostics } = await loadInitialConfig(read);
  if (initial === undefined) {
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
    const log = createLog(initial.config.logging);
    endings.push(() => log.close());
    for (const diagnostic of diagnostics) log.child('config').warn(diagnosticLine(diagnostic));
    return await run({ ...options, state, initial, read }, log, signals);
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
  /** To start with. */
  readonly initial: ConfigLayers;
  readonly read: ReadConfig;
}

/**
 * From the first bind to the last connection.
 * @throws Error when it cannot start
 */
async function run(options: RunOptions, log: Log, signals: RunSignals): Promise<ExitCode> {
  const main = log.child('main');
  const { config: configFile, drainTimeout: drainMs, initial, read } = options;
  const identity = { version: version(), configFile };
  const daemon = new Daemon({ log, clock: systemClock, drainMs, identity, initial, read });
  const release = holdProcess();
  main.info({ version: version(), pid: process.pid, config: configFile }, 'starting');
  let watch: FileWatch | undefined;
  try {
    const started = daemon.start();
    signals.serve({
      reload: () => reload('signal'),
      reopenLogs: () => reopen(daemon, main),
      cut: () => daemon.cut(),
    });
    await started;
    if (options.watch === true)
      watch = watchFile(configFile, options.state, { changed: () => reload('watch'), failed });
    await signals.stop;
    return await stop(daemon, main);
  } finally {
    await watch?.close();
    release();
  }

  function reload(via: Actor['via']): void {
    // The log says why it was not.
    daemon.control.steering.configuration.reload({ via }).catch(() => undefined);
  }

  function failed(err: Error): void {
    main.warn({ config: configFile, err }, 'file changes may go unnoticed');
  }
}

async function stop(daemon: Daemon, log: Logger): Promise<ExitCode> {
  try {
    await daemon.stop();
    return EXIT.ok;
  } catch (err) {
    log.error({ err }, 'not stopped cleanly');
    return EXIT.failed;
  }
}

function reopen(daemon: Daemon, log: Logger): void {
  try {
    daemon.reopenLogs();
  } catch (err) {
    log.error({ err }, 'log files not reopened');
  }
}
