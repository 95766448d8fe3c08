import { ConfigRefused } from '../../config/problem/refused.ts';
import type { Clock } from '../../core/clock.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Logger } from '../../log/log.ts';
import type { Config } from '../config/config.ts';
import type { App } from '../runtime/app.ts';
import { compose, type ComposeOptions } from './compose.ts';
import type { ConfigLayers } from './initial-config.ts';
import { overridesOf, overriddenServers, type Overlay, normalised, serversOf, pruned } from './overlay.ts';
import { StateFile } from './state-file.ts';

export interface ActiveConfigParts {
  readonly app: App;
  readonly clock: Clock;
  readonly log: Logger;
  /** To start with. */
  readonly initial: ConfigLayers;
}

/** What an overlay with another server comes with. */
export interface ServerChange {
  /** For how long connections of a removed server may last; absent: as at a stop. */
  readonly drainMs?: number;
  readonly sent?: ComposeOptions['sent'];
}

/**
 * The configuration in force: the file, and over it what was changed while tslb runs. A change that fails leaves
 * everything as it was. Changes come one at a time.
 */
export class ActiveConfig {
  readonly stateFile: StateFile;
  readonly #app: App;
  readonly #clock: Clock;
  readonly #log: Logger;
  #current: ConfigLayers;
  /** Configurations that came into force after the first one. */
  #count = 0;
  #at: number;

  constructor({ app, clock, log, initial }: ActiveConfigParts) {
    this.stateFile = new StateFile(initial.config.stateFile, initial.kept ?? initial.overlay, log);
    this.#app = app;
    this.#clock = clock;
    this.#log = log;
    this.#current = initial;
    this.#at = clock.date();
  }

  get current(): ConfigLayers {
    return this.#current;
  }

  /** How often the configuration has changed, and when it last did. */
  get changes(): { readonly count: number; readonly at: number } {
    return { count: this.#count, at: this.#at };
  }

  /** The table of a server in force. */
  tableOf(server: string): JsonTable | undefined {
    return serversOf(this.#current.config.tables).get(server);
  }

  /**
   * Once the servers run. Drops from the state file what the file says by itself: else it would come back when the file
   * says otherwise.
   */
  async start(): Promise<void> {
    this.warnOfOverridden();
    await this.#keep(this.#current);
  }

  /** Puts other servers into force, over the same file. @throws ConfigRefused, and what App.change throws */
  async apply(overlay: Overlay, { drainMs, sent }: ServerChange): Promise<void> {
    const { file } = this.#current;
    const config = this.read(file, overlay, sent);
    await this.#app.change(config, drainMs);
    await this.commit({ file, overlay: pruned(normalised(overlay, config.tables), file), config });
  }

  /** Puts other overrides of a server's backends into force. @throws what Server.applyOverrides throws */
  async applyOverrides(overlay: Overlay, server: string): Promise<void> {
    const running = this.#app.server(server);
    try {
      running.applyOverrides(overridesOf(overlay, server));
    } catch (thrown) {
      running.applyOverrides(overridesOf(this.#current.overlay, server));
      throw thrown;
    }
    await this.#keep({ ...this.#current, overlay: pruned(overlay, this.#current.file) });
  }

  /** Takes note of the configuration that is in force by now. */
  async commit(layers: ConfigLayers): Promise<void> {
    this.#count += 1;
    this.#at = this.#clock.date();
    await this.#keep(layers);
  }

  /** @param sent a server's table that is read strictly @throws ConfigRefused */
  read(file: JsonTable, overlay: Overlay, sent?: ComposeOptions['sent']): Config {
    const { config, diagnostics } = compose(file, overlay, { sent });
    if (config !== undefined) return config;
    throw new ConfigRefused(diagnostics);
  }

  /** Warns of servers that are not as the file says. @returns their names */
  warnOfOverridden(): readonly string[] {
    const { overlay, file } = this.#current;
    const servers = overriddenServers(overlay, file);
    if (servers.length > 0) this.#log.warn({ servers }, 'servers differ from the file');
    return servers;
  }

  async #keep(layers: ConfigLayers): Promise<void> {
    this.#current = layers;
    await this.stateFile.keep(layers.config.stateFile, layers.overlay);
  }
}
