import pLimit from 'p-limit';

import { diagnosticLine } from '../config/diagnostic-line.ts';
import { isError } from '../config/diagnostic.ts';
import { ConfigRefused } from '../config/refused.ts';
import { diagnose, NO_SOURCE } from '../config/source.ts';
import { MOST_BACKENDS } from '../core/backend.ts';
import type { Clock } from '../core/clock.ts';
import type {
  AbsentBackend,
  Actor,
  BackendChange,
  JsonTable,
  PutOptions,
  ReloadResult,
  Reloads,
} from '../core/control.ts';
import { TslbError } from '../core/errors.ts';
import type { Log, Logger } from '../log/log.ts';
import type { App } from './app.ts';
import type { AuditLog } from './audit-log.ts';
import { readChange, readSpec } from './backend-changes.ts';
import type { Config } from './config.ts';
import { withByHand } from './by-hand-tables.ts';
import type { InForce, ReadConfig } from './in-force.ts';
import type { LoadedConfig } from './load.ts';
import { mergePatch } from './merge-patch.ts';
import {
  byHandOf,
  hidden,
  outliving,
  type Overlay,
  respelled,
  serversOf,
  settled,
  withBackend,
  withoutBackend,
  withoutServer,
  withOverride,
  withServer,
} from './overlay.ts';
import type { ReloadPlan } from './reload.ts';
import { StateFile } from './state-file.ts';
import { readTogether, type Together } from './together.ts';

export interface ManagerParts {
  readonly app: App;
  readonly log: Log;
  readonly auditLog: AuditLog;
  readonly clock: Clock;
  /** To start with. */
  readonly inForce: InForce;
  /** Reads the configuration again. */
  readonly read: ReadConfig;
  /** Of it, for the log. */
  readonly configFile?: string | undefined;
  /** Opens, changes and closes the HTTP services. @throws when one cannot be opened; then nothing has changed */
  readonly serve: (config: Config) => Promise<void>;
}

/**
 * The one place that knows what is in force: the file, and over it what was changed while tslb runs. A start, each
 * change and the stop come one after the other; a change that fails leaves everything as it was.
 */
export class Manager {
  readonly #parts: ManagerParts;
  readonly #app: App;
  readonly #log: Logger;
  readonly #auditLog: AuditLog;
  readonly #stateFile: StateFile;
  readonly #inTurn = pLimit(1);
  #inForce: InForce;
  #reloads: Reloads;
  #isStopping = false;
  #stopped: Promise<void> | undefined;

  constructor(parts: ManagerParts) {
    const { app, log, auditLog, clock, inForce } = parts;
    this.#parts = parts;
    this.#app = app;
    this.#inForce = inForce;
    this.#reloads = { count: 0, at: clock.date(), failed: 0, hasFailed: false };
    this.#log = log.child('main');
    this.#auditLog = auditLog;
    this.#stateFile = new StateFile(inForce.config.stateFile, inForce.overlay, log.child('main'));
  }

  /** In force. */
  get config(): Config {
    return this.#inForce.config;
  }

  /** In force, with what holds for single backends by hand in the lists of their servers. */
  get wholeConfig(): Config {
    const { config, overlay } = this.#inForce;
    return withByHand(config, overlay);
  }

  /** @throws as Control.absentees */
  absentees(server: string): readonly AbsentBackend[] {
    const unit = this.#app.unit(server);
    const { overrides } = byHandOf(this.#inForce.overlay, server);
    return [...overrides].filter(([key]) => !unit.has(key)).map(([key, override]) => ({ key, ...override }));
  }

  /** @throws what App.start and the services throw; then no server runs */
  async start(): Promise<void> {
    const { config, overlay } = this.#inForce;
    await this.#inTurn(async () => {
      try {
        await this.#parts.serve(config);
        await this.#app.start(config, (server) => byHandOf(overlay, server));
      } catch (thrown) {
        this.#isStopping = true;
        throw thrown;
      }
    });
    this.#warnOfHidden();
  }

  /** After what goes on now; what comes later is refused at once. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopped ??= this.#inTurn(() => this.#app.stop());
    await this.#stopped;
  }

  /** Reads the configuration again. What was changed while it runs stays. @throws as Control.reload, which is logged then */
  async reload(by: Actor): Promise<ReloadResult> {
    if (this.#isStopping) this.#log.warn('not reloaded: stopping');
    return this.#turn(async () => {
      if (by.via === 'api' || by.via === 'page') this.#auditLog.info({ by, what: 'reload' }, 'reload by hand');
      try {
        const result = await this.#reloadFile();
        this.#reloads = { ...this.#reloads, hasFailed: false };
        return result;
      } catch (thrown) {
        this.#reloads = { ...this.#reloads, failed: this.#reloads.failed + 1, hasFailed: true };
        throw thrown;
      }
    });
  }

  /** What has become of configurations since the start. */
  get reloads(): Reloads {
    return this.#reloads;
  }

  async putServer(name: string, table: unknown, { isNew, isStrict = false }: PutOptions, by: Actor): Promise<boolean> {
    return this.#turn(async () => {
      const isThere = this.#tableOf(name) !== undefined;
      if (isNew && isThere) throw new TslbError('TSLB_SERVER_EXISTS', `there is a server ${name} already`);
      await this.#put(name, table, isStrict ? table : undefined);
      const what = `${isThere ? 'replaced' : 'added'} ${name}`;
      this.#auditLog.info({ by, what, server: name, isNew: !isThere }, 'server put by hand');
      return !isThere;
    });
  }

  async patchServer(name: string, patch: unknown, by: Actor): Promise<void> {
    await this.#turn(async () => {
      const table = this.#tableOf(name);
      if (table === undefined) throw new TslbError('TSLB_NO_SUCH_SERVER', `there is no server ${name}`);
      await this.#put(name, mergePatch(table, patch), patch);
      this.#auditLog.info({ by, what: `changed ${name}`, server: name, isNew: false }, 'server put by hand');
    });
  }

  async removeServer(name: string, { drainMs }: { readonly drainMs: number }, by: Actor): Promise<void> {
    const unit = await this.#turn(async () => {
      const removed = this.#app.unit(name);
      await this.#become(withoutServer(this.#inForce.overlay, name), { drainMs });
      this.#auditLog.info({ by, what: `removed ${name}`, server: name, drainMs }, 'server removed by hand');
      return removed;
    });
    await this.#app.gone(unit);
  }

  async changeBackend(server: string, backend: string, change: BackendChange, by: Actor): Promise<void> {
    await this.#turn(async () => {
      const { overlay } = this.#inForce;
      if (!this.#app.unit(server).has(backend) && !byHandOf(overlay, server).overrides.has(backend)) {
        throw noSuchBackend(server, backend);
      }
      const own = readChange(change);
      if (Object.keys(own).length === 0) return;
      await this.#overrule(withOverride(overlay, server, backend, own), server);
      const what = `${changeText(own)} ${server}/${backend}`;
      this.#auditLog.info({ by, what, server, backend, ...own }, 'backend changed by hand');
    });
  }

  async addBackend(server: string, table: unknown, by: Actor): Promise<string> {
    return this.#turn(async () => {
      const { listing } = this.#app.unit(server);
      const { key, spec } = readSpec(table);
      if (listing.has(key)) throw new TslbError('TSLB_BACKEND_EXISTS', `the server ${server} has ${key} already`);
      // Else a dump could not be loaded.
      if (listing.specs.length >= MOST_BACKENDS) {
        throw new TslbError(
          'TSLB_TOO_MANY_BACKENDS',
          `the server ${server} has ${MOST_BACKENDS} backends, which is the most`,
        );
      }
      await this.#overrule(withBackend(this.#inForce.overlay, server, spec, listing.found(key)), server);
      this.#auditLog.info({ by, what: `added ${server}/${key}`, server, backend: key }, 'backend added by hand');
      return key;
    });
  }

  async removeBackend(server: string, backend: string, by: Actor): Promise<void> {
    await this.#turn(async () => {
      const { listing } = this.#app.unit(server);
      if (!listing.has(backend)) throw noSuchBackend(server, backend);
      const { overlay } = this.#inForce;
      await this.#overrule(withoutBackend(overlay, server, backend, listing.found(backend) !== undefined), server);
      this.#auditLog.info({ by, what: `removed ${server}/${backend}`, server, backend }, 'backend removed by hand');
    });
  }

  async #turn<Result>(change: () => Promise<Result>): Promise<Result> {
    this.#checkRunning();
    return this.#inTurn(async () => {
      this.#checkRunning();
      return change();
    });
  }

  #checkRunning(): void {
    if (this.#isStopping) throw new TslbError('TSLB_STOPPING', 'tslb is stopping');
  }

  /** As it is in force. */
  #tableOf(server: string): JsonTable | undefined {
    return serversOf(this.#inForce.config.tables).get(server);
  }

  /**
   * An absent table would be taken for no server.
   * @param sent what is read strictly
   */
  async #put(name: string, table: unknown, sent: unknown): Promise<void> {
    const overlay = withServer(this.#inForce.overlay, name, (table ?? {}) as JsonTable);
    await this.#become(overlay, { sent: { name, table: sent } });
  }

  /** Other servers by the same file. @throws ConfigRefused, and what App.change throws; then nothing has changed */
  async #become(overlay: Overlay, { drainMs, sent }: ServerChange): Promise<void> {
    const { file } = this.#inForce;
    const config = this.#readTogether(file, overlay, sent);
    await this.#app.change(config, drainMs);
    this.#countReload();
    await this.#settle({ file, overlay: settled(respelled(overlay, config.tables), file), config });
  }

  async #reloadFile(): Promise<ReloadResult> {
    const { configFile, read } = this.#parts;
    const loaded = await read();
    const { config, diagnostics } = loaded;
    for (const each of diagnostics) this.#log[isError(each) ? 'error' : 'warn'](diagnosticLine(each));
    if (config === undefined) {
      this.#log.error({ config: configFile }, 'not reloaded: the file has errors');
      throw new ConfigRefused(diagnostics);
    }
    try {
      return await this.#reloadTables(config.tables, loaded);
    } catch (err) {
      this.#log.error({ config: configFile, err }, 'not reloaded');
      throw err;
    }
  }

  async #reloadTables(file: JsonTable, { diagnostics, source }: LoadedConfig): Promise<ReloadResult> {
    const overlay = settled(this.#inForce.overlay, file);
    const config = this.#readTogether(file, overlay);
    const problem = await this.#stateFile.problemOf(config.stateFile, overlay, file);
    if (problem !== undefined) throw new ConfigRefused(diagnose((await source?.()) ?? NO_SOURCE, [problem]));
    if (serversOf(file).size === 0) this.#checkNoneIsLost(config);
    const left = outliving(overlay, this.#inForce.file, file);
    const plan = await this.#reloadAll(config);
    this.#countReload();
    await this.#settle({ file, overlay, config });
    if (left.length > 0) this.#log.warn({ servers: left }, 'servers that left the file go on');
    const warnings = [
      ...this.#warnOfHidden().map((name) => `the server ${name} is not as the file says: it was changed by hand`),
      ...left.map(
        (name) => `the server ${name} left the file and goes on: it was changed by hand; remove it by hand, too`,
      ),
    ];
    return { ...plan, warnings: [...diagnostics.map(diagnosticLine), ...warnings] };
  }

  /** An editor leaves a file empty for a moment. @param config of a file without servers */
  #checkNoneIsLost({ servers }: Config): void {
    const names = new Set(servers.map(({ name }) => name));
    if (this.#inForce.config.servers.every(({ name }) => names.has(name))) return;
    throw new TslbError('TSLB_NO_SERVERS', 'the file has no servers; to stop tslb, send it SIGTERM');
  }

  /** The services first: they are as they were again when the servers cannot follow. */
  async #reloadAll(config: Config): Promise<ReloadPlan> {
    await this.#parts.serve(config);
    try {
      return await this.#app.reload(config);
    } catch (thrown) {
      await this.#parts.serve(this.#inForce.config);
      throw thrown;
    }
  }

  #countReload(): void {
    this.#reloads = { ...this.#reloads, count: this.#reloads.count + 1, at: this.#parts.clock.date() };
  }

  #readTogether(file: JsonTable, overlay: Overlay, sent?: Together['sent']): Config {
    const { config, diagnostics } = readTogether(file, overlay, { sent });
    if (config !== undefined) return config;
    throw new ConfigRefused(diagnostics);
  }

  /** What holds for the backends of a server by hand. */
  async #overrule(overlay: Overlay, server: string): Promise<void> {
    const unit = this.#app.unit(server);
    try {
      unit.overrule(byHandOf(overlay, server));
    } catch (thrown) {
      unit.overrule(byHandOf(this.#inForce.overlay, server));
      throw thrown;
    }
    await this.#settle({ ...this.#inForce, overlay: settled(overlay, this.#inForce.file) });
  }

  async #settle(inForce: InForce): Promise<void> {
    this.#inForce = inForce;
    await this.#stateFile.keep(inForce.config.stateFile, inForce.overlay);
  }

  #warnOfHidden(): readonly string[] {
    const { overlay, file } = this.#inForce;
    const servers = hidden(overlay, file);
    if (servers.length > 0) this.#log.warn({ servers }, 'servers are not as the file says');
    return servers;
  }
}

interface ServerChange {
  /** Of a server that is no more. */
  readonly drainMs?: number;
  readonly sent?: Together['sent'];
}

function noSuchBackend(server: string, backend: string): TslbError {
  return new TslbError('TSLB_NO_SUCH_BACKEND', `the server ${server} has no backend ${backend}`);
}

/** `state=draining weight=list` */
function changeText(change: object): string {
  return Object.entries(change)
    .map(([key, value]) => `${key}=${value === null ? 'list' : String(value)}`)
    .join(' ');
}
