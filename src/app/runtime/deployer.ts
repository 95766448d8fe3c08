import { addressText, type NamedAddress } from '../../core/address.ts';
import type { BackendOverrides } from '../../core/backend-overrides.ts';
import type { Clock } from '../../core/clock.ts';
import type { DataPlane, Deployment } from '../../data/plane/data-plane.ts';
import type { Listening } from '../../data/protocol/messages.ts';
import type { Logger } from '../../log/log.ts';
import type { ServerConfig } from '../config/config.ts';
import type { Binds } from './binds.ts';
import type { Listeners } from './listeners.ts';
import { planReload, type ReloadPlan } from './reload.ts';
import type { Retirees } from './retirees.ts';
import { Unit, type UnitTools } from './unit.ts';
import type { Units } from './units.ts';
import { within } from './within.ts';

/** How long a start or reload waits for the first backends before it goes on without them. */
const FIRST_BACKENDS_MS = 3_000;

export interface DeployerTools {
  readonly plane: DataPlane;
  readonly units: Units;
  readonly retirees: Retirees;
  readonly listeners: Listeners;
  readonly binds: Binds;
  readonly clock: Clock;
  readonly log: Logger;
  readonly unitTools: UnitTools;
}

export interface DeployOptions {
  /** For how long connections of removed servers may last. */
  readonly drainMs: number;
  /** Overrides of the backends of new servers. */
  readonly byHand?: ((server: string) => BackendOverrides) | undefined;
}

/** Takes the servers from one configuration to another, as a whole or not at all. */
export class Deployer {
  readonly #tools: DeployerTools;
  #servers: readonly ServerConfig[] = [];
  #unitsMade = 0;

  constructor(tools: DeployerTools) {
    this.#tools = tools;
  }

  /** In force, in the order of the configuration. */
  get servers(): readonly ServerConfig[] {
    return this.#servers;
  }

  /** @throws BindError or TslbError when not every server can be opened; then nothing has changed */
  async deploy(servers: readonly ServerConfig[], { drainMs, byHand }: DeployOptions): Promise<ReloadPlan> {
    const { plane, units } = this.#tools;
    const plan = planReload(this.#servers, servers);
    const added = this.#create(servers.filter(({ name }) => plan.added.includes(name)));
    if (byHand !== undefined) for (const [name, unit] of added) unit.overrule(byHand(name));
    units.expect(added);
    try {
      await this.#firstBackends([...added.values()]);
      const deployments = await this.#deployments(servers);
      const listening = await plane.apply(deployments);
      units.adopt();
      this.#noteBinds(deployments, listening);
    } catch (thrown) {
      units.dismiss();
      throw thrown;
    }
    this.#retire(plan.removed, drainMs);
    await this.#reconfigure(servers.filter(({ name }) => plan.changed.includes(name)));
    this.#servers = servers;
    return plan;
  }

  #create(servers: readonly ServerConfig[]): ReadonlyMap<string, Unit> {
    return new Map(
      servers.map((server) => {
        this.#unitsMade += 1;
        return [server.name, new Unit(this.#unitsMade, server, this.#tools.unitTools)];
      }),
    );
  }

  async #firstBackends(units: readonly Unit[]): Promise<void> {
    if (units.length === 0) return;
    await within(FIRST_BACKENDS_MS, this.#tools.clock, Promise.all(units.map((unit) => unit.start())));
  }

  async #deployments(servers: readonly ServerConfig[]): Promise<Deployment[]> {
    const { binds, units } = this.#tools;
    return Promise.all(
      servers.map(async (server) => {
        const resolve = (bind: NamedAddress) => binds.resolve(bind, `server "${server.name}"`);
        return units.expected(server.name).deployment(server, await Promise.all(server.binds.map(resolve)));
      }),
    );
  }

  #noteBinds(deployments: readonly Deployment[], listening: readonly Listening[]): void {
    const { units, listeners, log } = this.#tools;
    for (const { name, binds } of deployments) units.get(name).binds = binds;
    const open = deployments.flatMap(({ binds }) => binds);
    listeners.settle(open, listening);
    for (const { server, bind, address } of listening) {
      log.info({ server, bind, address: addressText(address) }, 'listening');
    }
  }

  #retire(names: readonly string[], drainMs: number): void {
    const { units, retirees } = this.#tools;
    for (const name of names) {
      const unit = units.release(name);
      if (unit !== undefined) retirees.add(unit, drainMs);
    }
  }

  /** The data plane has the new configuration of these already. */
  async #reconfigure(servers: readonly ServerConfig[]): Promise<void> {
    const { units } = this.#tools;
    await Promise.all(servers.map((server) => units.get(server.name).follow(server)));
  }
}
