import { addressText, type NamedAddress } from '../../core/address.ts';
import type { BackendOverrides } from '../../core/backend-overrides.ts';
import type { Clock } from '../../core/clock.ts';
import type { DataPlane, Deployment } from '../../data/plane/data-plane.ts';
import type { OpenedBind } from '../../data/protocol/messages.ts';
import type { Logger } from '../../log/log.ts';
import type { ServerConfig } from '../config/config.ts';
import type { Binds } from './binds.ts';
import type { DrainingServers } from './draining-servers.ts';
import type { Listeners } from './listeners.ts';
import { planReload, type ReloadPlan } from './reload.ts';
import { Server, type ServerTools } from './server.ts';
import type { Servers } from './servers.ts';
import { within } from './within.ts';

/** How long a start or reload waits for the first backends before it goes on without them. */
const FIRST_BACKENDS_MS = 3_000;

export interface DeployerTools {
  readonly plane: DataPlane;
  readonly servers: Servers;
  readonly draining: DrainingServers;
  readonly listeners: Listeners;
  readonly binds: Binds;
  readonly clock: Clock;
  readonly log: Logger;
  readonly serverTools: ServerTools;
}

export interface DeployOptions {
  /** For how long connections of removed servers may last. */
  readonly drainMs: number;
  /** Overrides of the backends of new servers. */
  readonly overrides?: ((server: string) => BackendOverrides) | undefined;
}

/** Takes the servers from one configuration to another, as a whole or not at all. */
export class Deployer {
  readonly #tools: DeployerTools;
  #configs: readonly ServerConfig[] = [];
  #made = 0;

  constructor(tools: DeployerTools) {
    this.#tools = tools;
  }

  /** In force, in the order of the configuration. */
  get configs(): readonly ServerConfig[] {
    return this.#configs;
  }

  /** @throws BindError or TslbError when not every server can be opened; then nothing has changed */
  async deploy(configs: readonly ServerConfig[], { drainMs, overrides }: DeployOptions): Promise<ReloadPlan> {
    const { plane, servers } = this.#tools;
    const plan = planReload(this.#configs, configs);
    const added = this.#create(configs.filter(({ name }) => plan.added.includes(name)));
    if (overrides !== undefined) for (const [name, server] of added) server.applyOverrides(overrides(name));
    servers.stage(added);
    try {
      await this.#firstBackends([...added.values()]);
      const deployments = await this.#deployments(configs);
      const listening = await plane.apply(deployments);
      servers.commit();
      this.#noteBinds(deployments, listening);
    } catch (thrown) {
      servers.discard();
      throw thrown;
    }
    this.#drain(plan.removed, drainMs);
    await this.#reconfigure(configs.filter(({ name }) => plan.changed.includes(name)));
    this.#configs = configs;
    return plan;
  }

  #create(configs: readonly ServerConfig[]): ReadonlyMap<string, Server> {
    return new Map(
      configs.map((config) => {
        this.#made += 1;
        return [config.name, new Server(this.#made, config, this.#tools.serverTools)];
      }),
    );
  }

  async #firstBackends(servers: readonly Server[]): Promise<void> {
    if (servers.length === 0) return;
    await within(FIRST_BACKENDS_MS, this.#tools.clock, Promise.all(servers.map((server) => server.start())));
  }

  async #deployments(configs: readonly ServerConfig[]): Promise<Deployment[]> {
    const { binds, servers } = this.#tools;
    return Promise.all(
      configs.map(async (config) => {
        const resolve = (bind: NamedAddress) => binds.resolve(bind, `server "${config.name}"`);
        return servers.stagedOrRunning(config.name).deployment(config, await Promise.all(config.binds.map(resolve)));
      }),
    );
  }

  #noteBinds(deployments: readonly Deployment[], listening: readonly OpenedBind[]): void {
    const { servers, listeners, log } = this.#tools;
    for (const { name, binds } of deployments) servers.get(name).binds = binds;
    const open = deployments.flatMap(({ binds }) => binds);
    listeners.update(open, listening);
    for (const { server, bind, address } of listening) {
      log.info({ server, bind, address: addressText(address) }, 'listening');
    }
  }

  #drain(names: readonly string[], drainMs: number): void {
    const { servers, draining } = this.#tools;
    for (const name of names) {
      const server = servers.release(name);
      if (server !== undefined) draining.add(server, drainMs);
    }
  }

  /** The data plane has the new configurations of these servers already. */
  async #reconfigure(configs: readonly ServerConfig[]): Promise<void> {
    const { servers, clock } = this.#tools;
    const all = Promise.all(configs.map((config) => servers.get(config.name).reconfigure(config)));
    // A source that has changed is asked at once, and need not answer in time.
    await within(FIRST_BACKENDS_MS, clock, all);
  }
}
