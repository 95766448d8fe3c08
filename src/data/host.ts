import pLimit from 'p-limit';
import { addressText } from '../core/address.ts';
import { systemClock } from '../core/clock.ts';
import type { EngineKind } from '../core/engine.ts';
import { asError, TslbError } from '../core/errors.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { ServerLedger } from '../ledger/server-ledger.ts';
import { BindError } from './bind-error.ts';
import { DescriptorLimit } from './descriptor-limit.ts';
import { whyNoEngine } from './engines/registry.ts';
import { Home } from './home.ts';
import type {
  AccessLogFormat,
  BindFailure,
  Listening,
  LogFields,
  ServerSpec,
  ThreadLogLevel,
  ThreadOptions,
} from './messages.ts';
import { ThreadHandle, type Answer, type ServerReport } from './thread-handle.ts';

const RECOVER_EVERY_MS = 1000;

/** How often servers are applied when a thread dies while it gets ready. */
const ATTEMPTS = 3;

const THREAD_DIED: BindFailure = {
  server: '',
  bind: '',
  code: 'THREAD_DIED',
  reason: 'it ended while others got ready',
};

/** One server as the control plane deploys it: its spec, but with the whole ledger. */
export type Deployment = Omit<ServerSpec, 'ledger'> & { readonly ledger: ServerLedger };

export interface DataPlaneOptions {
  /** Threads at most, of each engine. */
  readonly threads: number;
  readonly observe: Observe;
  readonly onLog: (level: ThreadLogLevel, message: string, fields: LogFields) => void;
  readonly onAccessLines: (lines: string) => void;
  /** No thread will elect from a snapshot of this server before this version any more. */
  readonly onApplied: (server: number, version: number) => void;
}

export interface Observe {
  readonly debug: boolean;
  readonly accessLog: AccessLogFormat | undefined;
}

/**
 * The data plane as the control plane sees it: threads that are started as binds need them, and a set of servers that
 * is replaced as a whole. A bind lives on one thread, because Node cannot share a listener between threads safely:
 * closing it in one closes the descriptor under the other. It stays on that thread whichever server holds it, so that
 * it can go from one server to another without a gap. A server is present on every thread that has a bind of its. A
 * thread runs one engine, and so an open bind cannot change its own.
 */
export class DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #limit = new DescriptorLimit();
  readonly #oneAtATime = pLimit(1);
  readonly #threads = new Set<ThreadHandle>();
  readonly #binds = new Map<string, ThreadHandle>();
  readonly #homes = new Map<number, Home>();
  /** The newest snapshot of each server, for the thread that takes the place of a dead one. */
  readonly #published = new Map<number, Snapshot>();
  #deployments: readonly Deployment[] = [];
  #observe: Observe;
  #threadsMade = 0;
  #isStopped = false;
  #isRecovering = false;

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    this.#observe = options.observe;
  }

  /**
   * Makes these the servers: new ones open, those no longer named stop accepting and drain, the rest change in place
   * and keep their binds and connections.
   * @returns the binds that were opened
   * @throws BindError when one cannot be opened, TslbError TSLB_ENGINE when an engine cannot run here and
   * TSLB_ENGINE_CHANGE when an open bind would change its own; then nothing has changed
   */
  apply(deployments: readonly Deployment[]): Promise<readonly Listening[]> {
    return this.#oneAtATime(() => this.#apply(deployments));
  }

  publish(server: number, snapshot: Snapshot): void {
    this.#published.set(server, snapshot);
    for (const thread of this.#threads) thread.publish(server, snapshot);
  }

  observe(observe: Observe): void {
    this.#observe = observe;
    for (const thread of this.#threads) thread.observe(observe);
  }

  /** Resolves when the last connection of a removed server has ended. */
  async retired(server: number): Promise<void> {
    await this.#homes.get(server)?.empty;
  }

  /** Cuts what is left of a removed server. */
  cut(server: number): void {
    for (const thread of this.#threads) thread.cut(server);
  }

  /** Ends all threads; connections that they still hold are cut. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#threads].map((thread) => thread.stop()));
    this.#threads.clear();
  }

  async #apply(deployments: readonly Deployment[]): Promise<readonly Listening[]> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#attempt(deployments);
      if (answer.failures.length === 0) return answer.listening;
      const isOnlyDeath = answer.failures.every(({ code }) => code === 'THREAD_DIED');
      if (isOnlyDeath && attempt < ATTEMPTS) continue;
      this.#forgetUnknown();
      throw new BindError(answer.failures);
    }
  }

  async #attempt(deployments: readonly Deployment[]): Promise<Answer> {
    if (this.#isStopped) throw new Error('the data plane was stopped');
    this.#checkEngines(deployments);
    const places = this.#place(deployments);
    const upToDate = deployments.map((deployment) => this.#upToDate(deployment));
    const plans = [...this.#threads].map((thread) => ({ thread, specs: specsFor(thread, upToDate, places) }));
    const answers = await Promise.all(plans.map(({ thread, specs }) => thread.prepare(specs)));
    const listening = answers.flatMap((answer) => answer.listening);
    // A thread may have died after its answer, while others still prepared.
    const deaths = plans.filter(({ thread }) => !this.#threads.has(thread)).map(() => THREAD_DIED);
    const failures = [...answers.flatMap((answer) => answer.failures), ...deaths];
    if (failures.length > 0) {
      await Promise.all(plans.map(({ thread }) => thread.rollback()));
      return { failures: failures.map((failure) => ({ ...failure, heldBy: this.#ownBind(failure) })), listening: [] };
    }
    this.#settle(deployments, places, plans);
    await Promise.all(plans.map(({ thread }) => thread.commit()));
    this.#limit.measure();
    return { failures, listening };
  }

  /** Of a bind that is in use: another of ours on the same port, which it overlaps. */
  #ownBind({ code, bind }: BindFailure): string | undefined {
    if (code !== 'EADDRINUSE') return undefined;
    const port = bind.slice(bind.lastIndexOf(':'));
    const overlaps = (own: string) => own !== bind && own.endsWith(port) && (isWildcard(own) || isWildcard(bind));
    return [...this.#binds.keys()].find(overlaps);
  }

  /** Snapshots of servers that did not come to be. */
  #forgetUnknown(): void {
    for (const id of this.#published.keys()) {
      if (!this.#homes.has(id)) this.#published.delete(id);
    }
  }

  #upToDate(deployment: Deployment): Deployment {
    const published = this.#published.get(deployment.id);
    return published === undefined || published.version <= deployment.snapshot.version
      ? deployment
      : { ...deployment, snapshot: published };
  }

  #checkEngines(deployments: readonly Deployment[]): void {
    for (const kind of new Set(deployments.map(({ engine }) => engine))) {
      const reason = whyNoEngine(kind);
      if (reason !== undefined) throw new TslbError('TSLB_ENGINE', `engine "${kind}" cannot run here: ${reason}`);
    }
    for (const { name, engine, bind } of bindsOf(deployments)) {
      const current = this.#binds.get(bind)?.engine ?? engine;
      if (current === engine) continue;
      const message = `server "${name}": engine "${engine}": ${bind} is open with "${current}"; that changes at the next start only`;
      throw new TslbError('TSLB_ENGINE_CHANGE', message);
    }
  }

  /** Each bind to its thread: where it is already, else the one of its engine with the fewest binds, a new one first. */
  #place(deployments: readonly Deployment[]): Map<string, ThreadHandle> {
    const places = new Map<string, ThreadHandle>();
    const load = new Map([...this.#threads].map((thread) => [thread, 0]));
    const wanted = bindsOf(deployments);
    for (const { bind } of wanted) {
      const thread = this.#binds.get(bind);
      if (thread === undefined) continue;
      places.set(bind, thread);
      load.set(thread, (load.get(thread) ?? 0) + 1);
    }
    for (const { bind, engine } of wanted) {
      if (places.has(bind)) continue;
      const able = [...load].filter(([thread]) => thread.engine === engine);
      const [least] = able.sort(([, one], [, other]) => one - other)[0] ?? [];
      const isCrowded = least === undefined || (load.get(least) ?? 0) > 0;
      const thread = isCrowded && able.length < this.#options.threads ? this.#spawn(engine) : least;
      if (thread === undefined) throw new RangeError('the data plane needs at least one thread');
      places.set(bind, thread);
      load.set(thread, (load.get(thread) ?? 0) + 1);
    }
    return places;
  }

  #settle(deployments: readonly Deployment[], places: Map<string, ThreadHandle>, plans: readonly Plan[]): void {
    this.#binds.clear();
    for (const [bind, thread] of places) this.#binds.set(bind, thread);
    for (const { id, ledger } of deployments) {
      if (!this.#homes.has(id)) this.#settleIn(id, ledger);
    }
    for (const [id, home] of this.#homes) {
      const threads = plans.filter(({ specs }) => specs.some((spec) => spec.id === id)).map(({ thread }) => thread);
      home.settle(new Set(threads));
    }
    this.#deployments = deployments;
  }

  #settleIn(id: number, ledger: ServerLedger): void {
    const home = new Home(ledger);
    this.#homes.set(id, home);
    void home.empty.then(() => {
      this.#homes.delete(id);
      this.#published.delete(id);
    });
  }

  #spawn(engine: EngineKind): ThreadHandle {
    const { debug, accessLog } = this.#observe;
    const setup: ThreadOptions = { engine, debug, accessLog, descriptors: this.#limit.budget() };
    const thread: ThreadHandle = new ThreadHandle(++this.#threadsMade, setup, {
      onReport: (report) => this.#heard(thread, report),
      onDeath: (error) => this.#died(thread, error),
    });
    this.#threads.add(thread);
    return thread;
  }

  #heard(thread: ThreadHandle, report: ServerReport): void {
    switch (report.type) {
      case 'log':
        return this.#options.onLog(report.level, report.message, report.fields);
      case 'access':
        return this.#options.onAccessLines(report.lines);
      case 'retired':
        return this.#homes.get(report.server)?.departed(thread);
      case 'applied':
        thread.applied.set(report.server, report.version);
        return this.#options.onApplied(report.server, this.#appliedByAll(report.server));
      default:
        return report satisfies never;
    }
  }

  #appliedByAll(server: number): number {
    const threads = this.#homes.get(server)?.threads() ?? [];
    if (threads.length === 0) return 0;
    return Math.min(...threads.map((thread) => thread.applied.get(server) ?? 0));
  }

  /** Its connections are gone with it. Their places are given back, and another thread takes over its binds. */
  #died(thread: ThreadHandle, error: Error): void {
    this.#threads.delete(thread);
    for (const home of this.#homes.values()) home.died(thread);
    for (const [bind, holder] of this.#binds) {
      if (holder === thread) this.#binds.delete(bind);
    }
    this.#limit.giveBack(thread.descriptors);
    if (this.#isStopped) return;
    this.#options.onLog('error', 'data-plane thread died', { thread: thread.number, reason: error.message });
    void this.#recover();
  }

  /** Opens again what dead threads had; as often as it takes, once a second. */
  async #recover(): Promise<void> {
    if (this.#isRecovering) return;
    this.#isRecovering = true;
    while (!this.#isStopped && this.#hasLostBinds()) {
      try {
        await this.#oneAtATime(() => this.#apply(this.#deployments));
      } catch (thrown) {
        this.#options.onLog('error', 'data-plane thread not replaced', { reason: asError(thrown).message });
        await new Promise<void>((resolve) => void systemClock.after(RECOVER_EVERY_MS, resolve));
      }
    }
    this.#isRecovering = false;
  }

  #hasLostBinds(): boolean {
    return this.#deployments.some(({ binds }) => binds.some((bind) => !this.#binds.has(addressText(bind))));
  }
}

interface Plan {
  readonly thread: ThreadHandle;
  readonly specs: readonly ServerSpec[];
}

interface WantedBind {
  readonly name: string;
  readonly engine: EngineKind;
  readonly bind: string;
}

function bindsOf(deployments: readonly Deployment[]): readonly WantedBind[] {
  return deployments.flatMap(({ name, engine, binds }) =>
    binds.map((address) => ({ name, engine, bind: addressText(address) })),
  );
}

/** The servers that have a bind on this thread, with those binds. */
function specsFor(
  thread: ThreadHandle,
  deployments: readonly Deployment[],
  places: ReadonlyMap<string, ThreadHandle>,
): readonly ServerSpec[] {
  return deployments.flatMap(({ ledger, ...deployment }) => {
    const binds = deployment.binds.filter((bind) => places.get(addressText(bind)) === thread);
    return binds.length === 0 ? [] : [{ ...deployment, binds, ledger: ledger.open(thread.number) }];
  });
}

function isWildcard(bind: string): boolean {
  return /^(\*|0\.0\.0\.0|\[::\]):/.test(bind);
}
