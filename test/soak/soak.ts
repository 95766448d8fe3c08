import { connect, isIPv4, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { IpAddress } from '../../src/core/address.ts';
import type { Cause } from '../../src/core/cause.ts';
import type { EngineKind } from '../../src/data/engines/registry.ts';
import { startDaemon, type DaemonProcess, type DaemonState } from '../helpers/processes/daemon.ts';
import type { LogRecord } from '../helpers/rigs/plane.ts';
import { between, nthRandom } from './chance.ts';
import { Client } from './client.ts';
import { plainConfig, randomConfig, type ConfigOptions, type SoakConfig } from './configs.ts';
import { CHECK_PORT, Fleet, waited } from './fleet.ts';
import { Journal } from './journal.ts';
import { planOf, type Plan } from './plan.ts';
import { settled } from './settled.ts';
import { Spans } from './spans.ts';
import { judge, uncountedBytesOf, type Circumstances } from './verdict.ts';

const BACKENDS = 4;
const CLIENTS = 64;

/** Before the levels are taken that the end is held to: everything has been used once. */
const WARM_UP_CLIENTS = 400;

/** Who got nothing was perhaps turned away, and asks again a little later. */
const EMPTY_HANDED_MS = 200;

/** How long what a configuration brought about may go on under the next one. */
const LAG_MS = 1000;

const SAMPLE_EVERY_MS = 1000;

export interface SoakOptions {
  readonly engine: EngineKind;
  readonly threads: number;
  readonly durationMs: number;
  readonly seed: number;
}

/** What a run has found. */
export interface SoakResult {
  readonly options: SoakOptions;
  readonly journal: Journal;
  /** Warmed up and left by everybody, before and after. */
  readonly before: DaemonState;
  readonly after: DaemonState;
  /** Once a second. */
  readonly rssBytes: readonly number[];
  readonly kills: number;
  readonly reloads: number;
  /** Bytes that a backend got and that were not sent to it, and connections beyond its limit. */
  readonly backendFaults: readonly string[];
  /** What the balancer logged as an error. */
  readonly errors: readonly LogRecord[];
}

/** Random clients against a balancer whose backends are killed and whose configuration changes meanwhile. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const fleet = new Fleet(BACKENDS);
  const run = new Run(options, fleet);
  let daemon: DaemonProcess | undefined;
  try {
    await fleet.start();
    daemon = await startDaemon(run.plainConfig.toml, options.threads, run);
    return await run.through(daemon);
  } finally {
    await daemon?.stop();
    await fleet.stop();
  }
}

class Run {
  readonly plainConfig: SoakConfig;
  readonly #options: SoakOptions;
  readonly #fleet: Fleet;
  readonly #journal: Journal;
  readonly #errors: LogRecord[] = [];
  readonly #rssBytes: number[] = [];
  /** When a configuration was in force that has clients closed for a cause. */
  readonly #spans = new Map<Cause, Spans>();
  readonly #configOptions: ConfigOptions;
  #config: SoakConfig;
  #reloads = 0;
  #nextClient = 0;

  constructor(options: SoakOptions, fleet: Fleet) {
    this.#options = options;
    this.#fleet = fleet;
    const circumstances: Circumstances = {
      wasDead: (backend, from, to) => fleet.wasDead(backend, from, to),
      mayEndBy: (cause, from, to) => this.#spans.get(cause)?.touch(from, to) ?? false,
      uncountedBytes: uncountedBytesOf(options.engine),
    };
    this.#journal = new Journal((client, line) => judge(client, line, circumstances));
    this.#configOptions = { engine: options.engine, backends: fleet.keys, checkPort: CHECK_PORT };
    this.plainConfig = plainConfig(this.#configOptions);
    this.#config = this.plainConfig;
  }

  readonly onAccess = (line: Parameters<Journal['logged']>[0]): void => this.#journal.logged(line);
  readonly onLog = (record: LogRecord): void => {
    if (record.level === 'error') this.#errors.push(record);
  };

  async through(daemon: DaemonProcess): Promise<SoakResult> {
    const { seed, durationMs } = this.#options;
    await this.#visit(daemon, () => this.#nextClient < WARM_UP_CLIENTS);
    const before = await this.#settled(daemon);
    const ending = new AbortController();
    const trouble = [
      this.#fleet.suffer(nthRandom(seed, -1), ending.signal),
      this.#reload(daemon, ending.signal),
      this.#sample(daemon, ending.signal),
    ];
    const endsAt = performance.now() + durationMs;
    await this.#visit(daemon, () => performance.now() < endsAt);
    ending.abort();
    await Promise.all(trouble);
    await this.#apply(daemon, this.plainConfig);
    const after = await this.#settled(daemon, before);
    this.#journal.close();
    return {
      options: this.#options,
      journal: this.#journal,
      before,
      after,
      rssBytes: this.#rssBytes,
      kills: this.#fleet.kills,
      reloads: this.#reloads,
      backendFaults: this.#fleet.faults,
      errors: this.#errors,
    };
  }

  /** So many clients at once, each followed by another as long as that is wanted. */
  async #visit(daemon: DaemonProcess, isWanted: () => boolean): Promise<void> {
    const visitors = Array.from({ length: CLIENTS }, async () => {
      while (isWanted()) {
        const index = this.#nextClient++;
        const { addresses } = daemon;
        const to = addresses[index % addresses.length]!;
        const plan = planOf(this.#options.seed, index);
        const startedAt = Date.now();
        const client = new Client(plan, dial(plan, to), {
          startedAt,
          onConnected: (named) => this.#journal.connected(named),
        });
        this.#journal.ended(await client.done);
        if (client.receivedBytes === 0) await pause(EMPTY_HANDED_MS);
      }
    });
    await Promise.all(visitors);
  }

  async #reload(daemon: DaemonProcess, signal: AbortSignal): Promise<void> {
    const random = nthRandom(this.#options.seed, -2);
    while (await waited(between(random, 0, 3000), signal)) {
      await this.#apply(daemon, randomConfig(this.#configOptions, random));
      this.#reloads += 1;
    }
  }

  async #apply(daemon: DaemonProcess, config: SoakConfig): Promise<void> {
    for (const cause of config.causes) this.#spansOf(cause).begin();
    this.#fleet.limit(looser(this.#config.limits, config.limits));
    await daemon.apply(config.toml);
    await pause(LAG_MS);
    this.#fleet.limit(config.limits);
    for (const [cause, spans] of this.#spans) if (!config.causes.has(cause)) spans.end();
    this.#config = config;
  }

  #spansOf(cause: Cause): Spans {
    const spans = this.#spans.get(cause) ?? new Spans();
    this.#spans.set(cause, spans);
    return spans;
  }

  async #sample(daemon: DaemonProcess, signal: AbortSignal): Promise<void> {
    while (await waited(SAMPLE_EVERY_MS, signal)) this.#rssBytes.push((await daemon.state()).rssBytes);
  }

  /** Waits until nothing is open any more and all is logged, for a while. */
  async #settled(daemon: DaemonProcess, before?: DaemonState): Promise<DaemonState> {
    const look = async (): Promise<DaemonState> => {
      await daemon.flush();
      return daemon.state();
    };
    return settled(look, ({ totals, clientsConnected, descriptors }) => {
      const isQuiet = totals.active === 0 && clientsConnected === 0 && this.#journal.lines === totals.accepted;
      return isQuiet && descriptors <= (before?.descriptors ?? Infinity);
    });
  }
}

function dial({ from }: Plan, { ip, port }: IpAddress): Socket {
  const local = isIPv4(ip) ? { localAddress: from } : {};
  return connect({ host: ip, port, allowHalfOpen: true, noDelay: true, ...local });
}

/** Of backends that both have limited, the higher limit. */
function looser(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const both = [...one].filter(([backend]) => other.has(backend));
  return new Map(both.map(([backend, limit]) => [backend, Math.max(limit, other.get(backend)!)]));
}
