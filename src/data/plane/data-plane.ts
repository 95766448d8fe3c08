import pLimit from 'p-limit';
import { systemClock } from '../../core/clock.ts';
import type { ConnectionList, ConnectionMatch, ConnectionQuery } from '../../core/connection-list.ts';
import type { ThreadStatus } from '../../core/process-status.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { sharesListeners } from '../engines/registry.ts';
import type { BindFailure, Listening, LogReport, ServerSpec } from '../protocol/messages.ts';
import { Rarely } from '../protocol/rarely.ts';
import { BindError, ownBind } from './bind-error.ts';
import { CatchUps } from './catch-ups.ts';
import { killConnection, killConnections, listConnections } from './connections-of-all.ts';
import { Crew } from './crew.ts';
import type { DataPlaneOptions, Deployment, Observe } from './deployment.ts';
import { checkEngines } from './engine-check.ts';
import { Homes } from './homes.ts';
import { bindsOf, isShort, place, type Placement } from './placement.ts';
import { Recovery } from './recovery.ts';
import { SharedSockets } from './shared-sockets.ts';
import { SnapshotPost } from './snapshot-post.ts';
import { specsFor } from './specs.ts';
import { Survey } from './survey.ts';
import type { Answer, ServerReport, ThreadHandle } from './thread-handle.ts';

export type { DataPlaneOptions, Deployment, Observe } from './deployment.ts';

/** A little less than the threads' own, which may have been slow to tell the last time. */
const RARELY_MS = 9_000;

/** How often servers are applied when a thread dies while it gets ready. */
const ATTEMPTS = 3;

const THREAD_DIED: BindFailure = {
  server: '',
  bind: '',
  code: 'THREAD_DIED',
  reason: 'it ended while others got ready',
};

/**
 * The data plane as the control plane sees it: threads that are started as binds need them (placement.ts says which),
 * and a set of servers that is replaced as a whole. A server is present on every thread that has a bind of its. A thread
 * runs one engine, and so an open bind cannot change its own.
 */
export class DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #oneAtATime = pLimit(1);
  readonly #crew: Crew;
  readonly #sockets: SharedSockets;
  #places: Placement<ThreadHandle> = new Map();
  readonly #homes = new Homes((server) => this.#snapshots.forget(server));
  readonly #snapshots = new SnapshotPost(systemClock, (server, snapshot) => {
    for (const thread of this.#crew) thread.publish(server, snapshot);
  });
  readonly #catchUps = new CatchUps(systemClock, (server, version) => this.#homes.haveApplied(server, version));
  readonly #survey = new Survey(systemClock, (query) => listConnections(this.#crew, query));
  #deployments: readonly Deployment[] = [];
  #observe: Observe;
  readonly #rarely = new Rarely(() => systemClock.now(), RARELY_MS);
  /** Of what dead threads had, and of threads that could not be started. */
  readonly #recovery = new Recovery(systemClock, {
    isShort: () => !this.#isStopped && isShort(bindsOf(this.#deployments), this.#places, this.#options.threads),
    // Those in force when its turn comes: a reload may be before it.
    recover: () => this.#oneAtATime(() => this.#apply(this.#deployments)),
    failed: (error) => this.#notStarted(error),
  });
  #isStopped = false;

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    this.#observe = options.observe;
    this.#sockets = new SharedSockets(options.threads);
    this.#crew = new Crew(options.threads, () => this.#observe, {
      onReport: (thread, report) => this.#heard(thread, report),
      onDeath: (thread, error) => this.#died(thread, error),
      onRefusal: (error) => this.#notStarted(error),
    });
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
    this.#snapshots.publish(server, snapshot);
  }

  /**
   * Resolves when no thread elects from what was published of a server before the snapshot that was published last.
   * @throws TslbError TSLB_THREAD_SILENT; then there is one that does so until it comes to the snapshot
   */
  async followed(server: number): Promise<void> {
    const newest = this.#snapshots.newest(server);
    if (newest !== undefined) await this.#catchUps.until(server, newest.version);
  }

  observe(observe: Observe): void {
    this.#observe = observe;
    for (const thread of this.#crew) thread.observe(observe);
  }

  /** That run now, of all engines. */
  get threads(): number {
    return [...this.#crew].length;
  }

  /** Of each that runs now. */
  threadStatuses(): readonly ThreadStatus[] {
    return [...this.#crew].map(({ status }) => status);
  }

  /**
   * Connections that are open now, also of servers that drain. A thread that dies meanwhile has none.
   * @throws TslbError TSLB_BUSY or TSLB_THREAD_SILENT
   */
  connections(query: ConnectionQuery): Promise<ConnectionList> {
    return this.#survey.list(query);
  }

  /**
   * Cuts one connection, which comes back by the snapshots that were published last.
   * @returns false when it has ended already
   * @throws TslbError TSLB_THREAD_SILENT
   */
  async killConnection(id: string): Promise<boolean> {
    await this.#snapshots.sent();
    return killConnection(this.#crew, id);
  }

  /** Cuts all that match, likewise. @returns how many @throws TslbError TSLB_THREAD_SILENT */
  async killConnections(match: ConnectionMatch): Promise<number> {
    await this.#snapshots.sent();
    return killConnections(this.#crew, match);
  }

  /** Resolves when the last connection of a removed server has ended. */
  retired(server: number): Promise<void> {
    return this.#homes.empty(server);
  }

  /** Cuts what is left of a removed server. */
  cut(server: number): void {
    for (const thread of this.#crew) thread.cut(server);
  }

  /** Cuts the connections of a backend, of which the snapshot that was published last has told. */
  close(server: number, slot: number): void {
    this.#snapshots.afterNewest(server, () => {
      for (const thread of this.#crew) thread.close(server, slot);
    });
  }

  /** Ends all threads; connections that they still hold are cut. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#snapshots.stop();
    this.#survey.stop();
    await this.#crew.stop();
    this.#catchUps.close();
    this.#sockets.close();
  }

  async #apply(deployments: readonly Deployment[]): Promise<readonly Listening[]> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#attempt(deployments).finally(() => this.#sockets.rollback());
      if (answer.failures.length === 0) return answer.listening;
      const isOnlyDeath = answer.failures.every(({ code }) => code === 'THREAD_DIED');
      if (isOnlyDeath && attempt < ATTEMPTS) continue;
      this.#forgetUnknown();
      throw new BindError(answer.failures);
    }
  }

  async #attempt(deployments: readonly Deployment[]): Promise<Answer> {
    this.#checkRunning();
    const wanted = bindsOf(deployments);
    checkEngines(wanted, bindsOf(this.#deployments));
    const opened = this.#sockets.open(wanted);
    if (opened.failures.length > 0) return this.#failed(opened.failures);
    const places = place(wanted, this.#places, this.#crew);
    const upToDate = deployments.map((deployment) => this.#upToDate(deployment));
    const where = { places, sockets: this.#sockets };
    const plans = [...this.#crew].map((thread) => ({ thread, specs: specsFor(thread, upToDate, where) }));
    const answers = await Promise.all(plans.map(({ thread, specs }) => thread.prepare(specs)));
    // A thread may have died after its answer, while others still prepared.
    const deaths = plans.filter(({ thread }) => !this.#crew.has(thread)).map(() => THREAD_DIED);
    const failures = [...answers.flatMap((answer) => answer.failures), ...deaths];
    if (failures.length > 0) {
      await Promise.all(plans.map(({ thread }) => thread.rollback()));
      return this.#failed(failures);
    }
    this.#checkRunning();
    this.#sockets.settle(new Map([...places].map(([bind, threads]) => [bind, threads.map(({ seat }) => seat)])));
    this.#settle(deployments, places, plans);
    await Promise.all(plans.map(({ thread }) => thread.commit()));
    this.#crew.measureDescriptors();
    this.#recovery.start();
    return { failures, listening: [...opened.listening, ...answers.flatMap((answer) => answer.listening)] };
  }

  #failed(failures: readonly BindFailure[]): Answer {
    const own = [...this.#places.keys()];
    return { failures: failures.map((failure) => ({ ...failure, heldBy: ownBind(failure, own) })), listening: [] };
  }

  /** Snapshots of servers that did not come to be. */
  #forgetUnknown(): void {
    for (const id of this.#snapshots.servers) {
      if (!this.#homes.has(id)) this.#snapshots.forget(id);
    }
  }

  #upToDate(deployment: Deployment): Deployment {
    const published = this.#snapshots.newest(deployment.id);
    return published === undefined || published.version <= deployment.snapshot.version
      ? deployment
      : { ...deployment, snapshot: published };
  }

  #checkRunning(): void {
    if (this.#isStopped) throw new Error('the data plane was stopped');
  }

  #settle(deployments: readonly Deployment[], places: Placement<ThreadHandle>, plans: readonly Plan[]): void {
    this.#setPlaces(places);
    this.#homes.settle(deployments, (id) => {
      const present = plans.filter(({ specs }) => specs.some((spec) => spec.id === id));
      return new Set(present.map(({ thread }) => thread));
    });
    this.#deployments = deployments;
  }

  #setPlaces(places: Placement<ThreadHandle>): void {
    this.#places = places;
    this.#crew.share(new Set([...places.values()].flat()));
  }

  #heard(thread: ThreadHandle, report: ServerReport): void {
    switch (report.type) {
      case 'log':
        return this.#log(report);
      case 'access':
        return this.#options.onAccessLines(report.lines);
      case 'failure':
        return this.#options.onFailure(report);
      case 'retired':
        this.#homes.departed(report.server, thread);
        return this.#catchUps.look();
      case 'applied':
        thread.applied.set(report.server, report.version);
        this.#catchUps.look();
        return this.#options.onApplied(report.server, this.#homes.appliedByAll(report.server));
      default:
        return report satisfies never;
    }
  }

  #log({ level, message, fields, isRare }: LogReport): void {
    if (!isRare || this.#rarely.isDue(message, fields)) this.#options.onLog(level, message, fields);
  }

  #notStarted(error: Error): void {
    const fields = { reason: error.message };
    if (this.#rarely.isDue('data-plane thread not started', fields)) {
      this.#options.onLog('error', 'data-plane thread not started', fields);
    }
  }

  /** Its connections are gone with it. Their places are given back, and another thread takes over its binds. */
  #died(thread: ThreadHandle, error: Error): void {
    this.#homes.died(thread);
    this.#catchUps.look();
    this.#setPlaces(
      new Map([...this.#places].map(([bind, holders]) => [bind, holders.filter((one) => one !== thread)])),
    );
    if (sharesListeners(thread.engine)) this.#sockets.vacate(thread.seat);
    if (this.#isStopped) return;
    this.#options.onLog('error', 'data-plane thread died', { thread: thread.number, reason: error.message });
    for (const other of this.#crew) other.serve();
    this.#recovery.start();
  }
}

interface Plan {
  readonly thread: ThreadHandle;
  readonly specs: readonly ServerSpec[];
}
