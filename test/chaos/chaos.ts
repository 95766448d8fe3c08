import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import type { EngineKind } from '../../src/data/engines/registry.ts';
import type { Client } from '../soak/client.ts';
import { Journal } from '../soak/journal.ts';
import { settled } from '../soak/settled.ts';
import { Spans } from '../soak/spans.ts';
import { uncountedBytesOf } from '../soak/verdict.ts';
import { startBalancer, type Balancer, type BalancerState, type LogLine } from './balancer.ts';
import { LIMITS } from './config.ts';
import { Crowd } from './crowd.ts';
import { unjustified } from './health.ts';
import { PLACES, scheduleOf, type Subject } from './schedule.ts';
import { buildSite, PORT, type Site } from './site.ts';
import { RECOVERY_MS, Sufferings } from './sufferings.ts';
import { judge, type Circumstances } from './verdict.ts';

/** Before the levels are taken that the end is held to: everything has been used once. */
const WARM_UP_CLIENTS = 300;

const SAMPLE_EVERY_MS = 1000;
const IDLE_MS = 3000;

/** What a busy machine takes for a check. */
const SLACK_MS = 1500;

export interface ChaosOptions {
  readonly engine: EngineKind;
  readonly durationMs: number;
  readonly seed: number;
}

/** What a run has found. */
export interface ChaosResult {
  readonly options: ChaosOptions;
  readonly journal: Journal;
  readonly crowd: Crowd;
  readonly sufferings: Sufferings;
  /** Warmed up and left by everybody, before and after. */
  readonly before: BalancerState;
  readonly after: BalancerState;
  /** Once a second. */
  readonly rssMib: readonly number[];
  /** Processor time by wall-clock time when all had left. */
  readonly idleCpuShare: number;
  /** Backends that were down though they were well, each in words. */
  readonly downs: readonly string[];
  /** Bytes that came differently at a backend. */
  readonly backendFaults: readonly string[];
  /** What the balancer logged as an error, or said besides its log. */
  readonly errors: readonly string[];
}

/** Clients of two hosts against a balancer of three backends, while hosts, links, names, ports and time itself fail. */
export async function chaos(t: TestContext, options: ChaosOptions): Promise<ChaosResult> {
  const run = new Run(options, await buildSite(t));
  const balancer = await startBalancer(t, run.site, { engine: options.engine, ...run.events });
  return run.through(balancer);
}

class Run {
  readonly site: Site;
  readonly #options: ChaosOptions;
  readonly #journal: Journal;
  readonly #crowd: Crowd;
  readonly #errors: string[] = [];
  readonly #downs = new Map<string, Spans>();
  #sufferings!: Sufferings;

  constructor(options: ChaosOptions, site: Site) {
    this.site = site;
    this.#options = options;
    this.#journal = new Journal((client, line) => judge(client, line, this.#circumstances));
    this.#crowd = new Crowd(site, options.seed, this.#journal);
  }

  readonly events = {
    onAccess: (line: Parameters<Journal['logged']>[0]): void => this.#journal.logged(line),
    onLog: (line: LogLine): void => this.#logged(line),
    onNoise: (text: string): void => void this.#errors.push(text),
  };

  async through(balancer: Balancer): Promise<ChaosResult> {
    const { seed, durationMs } = this.#options;
    this.#sufferings = new Sufferings(this.site, balancer, seed);
    await this.#crowd.visit(() => this.#crowd.count < WARM_UP_CLIENTS);
    const before = await this.#settled(balancer);
    const ending = new AbortController();
    const rssMib: number[] = [];
    const sampling = this.#sample(balancer, rssMib, ending.signal);
    const endsAt = performance.now() + durationMs;
    const suffering = this.#sufferings.play(scheduleOf(seed, durationMs, RECOVERY_MS));
    await this.#crowd.visit(() => performance.now() < endsAt);
    await suffering;
    ending.abort();
    await sampling;
    const after = await this.#settled(balancer, before);
    const idleCpuShare = await idleShare(balancer);
    this.#journal.close();
    return {
      options: this.#options,
      journal: this.#journal,
      crowd: this.#crowd,
      sufferings: this.#sufferings,
      before,
      after,
      rssMib,
      idleCpuShare,
      downs: this.#unjustifiedDowns(),
      backendFaults: this.site.faults,
      errors: this.#errors,
    };
  }

  get #circumstances(): Circumstances {
    const { standstills, withoutPorts } = this.#sufferings;
    const checkedAfterMs = LIMITS.checkIntervalMs + LIMITS.checkTimeoutMs + SLACK_MS;
    return {
      wasCutOff: (client: Client, from, to) => this.#sufferings.brokenOf(this.#crowd.originOf(client)).touch(from, to),
      wasBroken: (backend, from, to) => this.#sufferings.brokenOf(this.#subjectOf(backend)).touch(from, to),
      wasWithoutPorts: (from, to) => withoutPorts.touch(from, to),
      wasNobodyThere: (from, to) =>
        this.#backends.every((each) => this.#sufferings.doubtfulOf(each).touch(from - checkedAfterMs, to)),
      stoodStillMs: (from, to) => standstills.within(from, to),
      uncountedBytes: uncountedBytesOf(this.#options.engine),
    };
  }

  get #backends(): readonly Subject[] {
    return Array.from({ length: PLACES.backend }, (_, number): Subject => `backend ${number}`);
  }

  #subjectOf(key: string): Subject {
    return `backend ${this.site.backends.findIndex(({ name }) => key === `${name}:${PORT}`)}`;
  }

  #logged(line: LogLine): void {
    const { level, msg, time, backend = '' } = line;
    if (level === 'error') this.#errors.push(JSON.stringify(line));
    const spans = this.#downs.get(backend) ?? new Spans();
    if (msg === 'backend down') spans.begin(Date.parse(time));
    else if (msg === 'backend up') spans.end(Date.parse(time));
    else return;
    this.#downs.set(backend, spans);
  }

  #unjustifiedDowns(): readonly string[] {
    const { standstills } = this.#sufferings;
    const allowedMs = LIMITS.checkIntervalMs + LIMITS.checkTimeoutMs + SLACK_MS;
    return [...this.#downs].flatMap(([backend, downs]) => {
      const troubles = this.#sufferings.doubtfulOf(this.#subjectOf(backend)).all;
      const late = (end: number): number => allowedMs + standstills.within(end, end + allowedMs);
      return unjustified(downs, troubles, late).map(
        ({ down, since }) =>
          `${backend} was down from ${clock(down.from)} to ${clock(down.to)}, for no reason since ${clock(since)}`,
      );
    });
  }

  async #sample(balancer: Balancer, rssMib: number[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      rssMib.push(balancer.usage().rssMib);
      await pause(SAMPLE_EVERY_MS);
    }
  }

  /** Waits until nothing is open any more and all is logged, for a while. */
  async #settled(balancer: Balancer, before?: BalancerState): Promise<BalancerState> {
    return settled(
      () => balancer.state(),
      ({ active, waiting, accepted, descriptors }) => {
        const isQuiet = active === 0 && waiting === 0 && this.#journal.lines === accepted;
        return isQuiet && descriptors <= (before?.descriptors ?? Infinity);
      },
    );
  }
}

async function idleShare(balancer: Balancer): Promise<number> {
  const [cpuMs, at] = [balancer.usage().cpuMs, performance.now()];
  await pause(IDLE_MS);
  return (balancer.usage().cpuMs - cpuMs) / (performance.now() - at);
}

function clock(time: number): string {
  return time === Infinity ? 'the end' : new Date(time).toISOString().slice(11, 23);
}
