import { ConfigRefused } from '../../config/problem/refused.ts';
import type { Clock } from '../../core/clock.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Logger } from '../../log/log.ts';
import type { Config } from '../config/config.ts';
import type { App } from '../runtime/app.ts';
import type { InForce } from './in-force.ts';
import { byHandOf, hidden, type Overlay, respelled, serversOf, settled } from './overlay.ts';
import { StateFile } from './state-file.ts';
import { readTogether, type Together } from './together.ts';

export interface StandingParts {
  readonly app: App;
  readonly clock: Clock;
  readonly log: Logger;
  /** To start with. */
  readonly inForce: InForce;
}

/** Beside the overlay itself, when a server is changed by hand. */
export interface ServerChange {
  /** Of a server that is no more. */
  readonly drainMs?: number;
  readonly sent?: Together['sent'];
}

/**
 * The one place that knows what is in force: the file, and over it what was changed while tslb runs. A change that fails
 * leaves everything as it was. Changes come one at a time.
 */
export class Standing {
  readonly stateFile: StateFile;
  readonly #app: App;
  readonly #clock: Clock;
  readonly #log: Logger;
  #inForce: InForce;
  /** Configurations that came into force after the first one. */
  #count = 0;
  #at: number;

  constructor({ app, clock, log, inForce }: StandingParts) {
    this.stateFile = new StateFile(inForce.config.stateFile, inForce.kept ?? inForce.overlay, log);
    this.#app = app;
    this.#clock = clock;
    this.#log = log;
    this.#inForce = inForce;
    this.#at = clock.date();
  }

  get inForce(): InForce {
    return this.#inForce;
  }

  /** How often the configuration has changed, and since when it is as it is. */
  get changes(): { readonly count: number; readonly at: number } {
    return { count: this.#count, at: this.#at };
  }

  /** Of a server, as it is in force. */
  tableOf(server: string): JsonTable | undefined {
    return serversOf(this.#inForce.config.tables).get(server);
  }

  /** The servers run. What the file says by itself is not kept any more: it could come back when the file says otherwise. */
  async begin(): Promise<void> {
    this.warnOfHidden();
    await this.#settle(this.#inForce);
  }

  /** Other servers by the same file. @throws ConfigRefused, and what App.change throws */
  async become(overlay: Overlay, { drainMs, sent }: ServerChange): Promise<void> {
    const { file } = this.#inForce;
    const config = this.read(file, overlay, sent);
    await this.#app.change(config, drainMs);
    await this.replace({ file, overlay: settled(respelled(overlay, config.tables), file), config });
  }

  /** Something else holds for the backends of a server by hand. @throws what Unit.overrule throws */
  async overrule(overlay: Overlay, server: string): Promise<void> {
    const unit = this.#app.unit(server);
    try {
      unit.overrule(byHandOf(overlay, server));
    } catch (thrown) {
      unit.overrule(byHandOf(this.#inForce.overlay, server));
      throw thrown;
    }
    await this.#settle({ ...this.#inForce, overlay: settled(overlay, this.#inForce.file) });
  }

  /** Another configuration is in force by now. */
  async replace(inForce: InForce): Promise<void> {
    this.#count += 1;
    this.#at = this.#clock.date();
    await this.#settle(inForce);
  }

  /** @param sent what of a server's table is read strictly @throws ConfigRefused */
  read(file: JsonTable, overlay: Overlay, sent?: Together['sent']): Config {
    const { config, diagnostics } = readTogether(file, overlay, { sent });
    if (config !== undefined) return config;
    throw new ConfigRefused(diagnostics);
  }

  /** Says which servers are not as the file says. @returns their names */
  warnOfHidden(): readonly string[] {
    const { overlay, file } = this.#inForce;
    const servers = hidden(overlay, file);
    if (servers.length > 0) this.#log.warn({ servers }, 'servers are not as the file says');
    return servers;
  }

  async #settle(inForce: InForce): Promise<void> {
    this.#inForce = inForce;
    await this.stateFile.keep(inForce.config.stateFile, inForce.overlay);
  }
}
