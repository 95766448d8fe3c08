import { diagnosticLine } from '../../config/problem/diagnostic-line.ts';
import { isError } from '../../config/problem/diagnostic.ts';
import { ConfigRefused } from '../../config/problem/refused.ts';
import { diagnose, NO_SOURCE } from '../../config/text/source.ts';
import { TslbError } from '../../core/errors.ts';
import type { JsonTable } from '../../core/json.ts';
import type { ReloadResult } from '../../core/steering.ts';
import type { Logger } from '../../log/log.ts';
import type { Config } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { App } from '../runtime/app.ts';
import type { ReloadPlan } from '../runtime/reload.ts';
import type { ActiveConfig } from './active-config.ts';
import type { ReadConfig } from './initial-config.ts';
import { orphanedServers, serversOf, pruned } from './overlay.ts';

export interface ReloadingParts {
  readonly app: App;
  readonly activeConfig: ActiveConfig;
  readonly log: Logger;
  /** Reads the configuration again. */
  readonly read: ReadConfig;
  /** The path of the configuration, for the log. */
  readonly configFile?: string | undefined;
  /** Opens, changes and closes the HTTP services. @throws when a service cannot be opened; then nothing has changed */
  readonly serve: (config: Config) => Promise<void>;
}

/** Puts the file as it is now into force, with the changes at runtime over it. */
export class Reloading {
  readonly #parts: ReloadingParts;

  constructor(parts: ReloadingParts) {
    this.#parts = parts;
  }

  /** @throws as ConfigurationSteering.reload, which is logged then */
  async reload(): Promise<ReloadResult> {
    const { configFile, read, log } = this.#parts;
    const loaded = await read();
    const { config, diagnostics } = loaded;
    for (const each of diagnostics) log[isError(each) ? 'error' : 'warn'](diagnosticLine(each));
    if (config === undefined) {
      log.error({ config: configFile }, 'not reloaded: the file has errors');
      throw new ConfigRefused(diagnostics);
    }
    try {
      return await this.#reloadTables(config.tables, loaded);
    } catch (err) {
      log.error({ config: configFile, err }, 'not reloaded');
      throw err;
    }
  }

  async #reloadTables(file: JsonTable, { diagnostics, source }: LoadedConfig): Promise<ReloadResult> {
    const { activeConfig, log } = this.#parts;
    const before = activeConfig.current;
    const overlay = pruned(before.overlay, file);
    const config = activeConfig.read(file, overlay);
    const problem = await activeConfig.stateFile.problemOf(config.stateFile, overlay, file);
    if (problem !== undefined) throw new ConfigRefused(diagnose((await source?.()) ?? NO_SOURCE, [problem]));
    if (serversOf(file).size === 0) checkNoneIsLost(before.config, config);
    const plan = await this.#reloadAll(config, before.config);
    await activeConfig.commit({ file, overlay, config });
    const left = orphanedServers(overlay, before.file, file);
    if (left.length > 0) log.warn({ servers: left }, 'servers that left the file keep running');
    const warnings = [
      ...activeConfig
        .warnOfOverridden()
        .map((name) => `the server ${name} differs from the file: it was changed at runtime`),
      ...left.map(
        (name) =>
          `the server ${name} left the file and keeps running: it was changed at runtime; remove it at runtime, too`,
      ),
    ];
    return { ...plan, warnings: [...diagnostics.map(diagnosticLine), ...warnings] };
  }

  /** Reloads the services first: they go back to what they were when the servers cannot be reloaded. */
  async #reloadAll(config: Config, before: Config): Promise<ReloadPlan> {
    const { app, serve } = this.#parts;
    await serve(config);
    try {
      return await app.reload(config);
    } catch (thrown) {
      await serve(before);
      throw thrown;
    }
  }
}

/** Guards against an editor that leaves the file empty for a moment. @param after of a file without servers */
function checkNoneIsLost(before: Config, after: Config): void {
  const names = new Set(after.servers.map(({ name }) => name));
  if (before.servers.every(({ name }) => names.has(name))) return;
  throw new TslbError('TSLB_NO_SERVERS', 'the file has no servers; to stop tslb, send it SIGTERM');
}
