import { systemClock } from '../../core/clock.ts';
import type { ConnectionList, ConnectionMatch, ConnectionQuery } from '../../core/connection-list.ts';
import type { ThreadStatus } from '../../core/process-status.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { LogThrottle } from '../protocol/log-throttle.ts';
import type { OpenedBind, LogReport } from '../protocol/messages.ts';
import { ConnectionListCoalescer } from './connection-list-coalescer.ts';
import { killConnection, killConnections, listConnections } from './connections-of-all.ts';
import type { DataPlaneOptions, Deployment, Observe } from './deployment.ts';
import { Respawn } from './respawn.ts';
import { Rollout } from './rollout.ts';
import { ServerPresences } from './server-presences.ts';
import { SnapshotAcks } from './snapshot-acks.ts';
import { SnapshotPublisher } from './snapshot-publisher.ts';
import type { UnsolicitedReport, ThreadHandle } from './thread-handle.ts';
import { WorkerPool } from './worker-pool.ts';

export type { DataPlaneOptions, Deployment, Observe } from './deployment.ts';

/** A little less than the threads' own, which may have been slow to tell the last time. */
const LOG_EVERY_MS = 9_000;

/**
 * The data plane as the control plane sees it: threads that are started as binds need them (placement.ts says which),
 * and a set of servers that is replaced as a whole. A server is present on every thread that has a bind of its. A thread
 * runs one engine, and so an open bind cannot change its own.
 */
export class DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #workers: WorkerPool;
  readonly #rollout: Rollout;
  readonly #presences = new ServerPresences((server) => this.#snapshots.forget(server));
  readonly #snapshots = new SnapshotPublisher(systemClock, (server, snapshot) => {
    for (const thread of this.#workers) thread.publish(server, snapshot);
  });
  readonly #snapshotAcks = new SnapshotAcks(systemClock, (server, version) =>
    this.#presences.haveApplied(server, version),
  );
  readonly #connectionLists = new ConnectionListCoalescer(systemClock, (query) =>
    listConnections(this.#workers, query),
  );
  #observe: Observe;
  readonly #throttle = new LogThrottle(() => systemClock.now(), LOG_EVERY_MS);
  /** Of what dead threads had, and of threads that could not be started. */
  readonly #respawn = new Respawn(systemClock, {
    isShort: () => this.#rollout.isShort,
    respawn: () => this.#rollout.repeat(),
    failed: (error) => this.#onSpawnFailure(error),
  });
  #isStopped = false;

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    this.#observe = options.observe;
    this.#workers = new WorkerPool(options.threads, () => this.#observe, {
      onReport: (thread, report) => this.#onReport(thread, report),
      onDeath: (thread, error) => this.#onDeath(thread, error),
      onSpawnFailure: (error) => this.#onSpawnFailure(error),
    });
    this.#rollout = new Rollout(options.threads, {
      workers: this.#workers,
      presences: this.#presences,
      snapshots: this.#snapshots,
    });
  }

  /**
   * Makes these the servers: new ones open, those no longer named stop accepting and drain, the rest change in place
   * and keep their binds and connections.
   * @returns the binds that were opened
   * @throws BindError when one cannot be opened, TslbError TSLB_ENGINE when an engine cannot run here and
   * TSLB_ENGINE_CHANGE when an open bind would change its own; then nothing has changed
   */
  async apply(deployments: readonly Deployment[]): Promise<readonly OpenedBind[]> {
    const listening = await this.#rollout.apply(deployments);
    this.#respawn.start();
    return listening;
  }

  publish(server: number, snapshot: Snapshot): void {
    this.#snapshots.publish(server, snapshot);
  }

  /**
   * Resolves when no thread elects from what was published of a server before the snapshot that was published last.
   * @throws TslbError TSLB_THREAD_SILENT; then a thread may still elect from an earlier one
   */
  async followed(server: number): Promise<void> {
    const newest = this.#snapshots.newest(server);
    if (newest !== undefined) await this.#snapshotAcks.until(server, newest.version);
  }

  observe(observe: Observe): void {
    this.#observe = observe;
    for (const thread of this.#workers) thread.observe(observe);
  }

  /** That run now, of all engines. */
  get threads(): number {
    return [...this.#workers].length;
  }

  /** Of each that runs now. */
  threadStatuses(): readonly ThreadStatus[] {
    return [...this.#workers].map(({ status }) => status);
  }

  /**
   * Connections that are open now, also of servers that drain. A thread that dies meanwhile has none.
   * @throws TslbError TSLB_BUSY or TSLB_THREAD_SILENT
   */
  connections(query: ConnectionQuery): Promise<ConnectionList> {
    return this.#connectionLists.list(query);
  }

  /**
   * Cuts one connection, which comes back by the snapshots that were published last.
   * @returns false when it has ended already
   * @throws TslbError TSLB_THREAD_SILENT
   */
  async killConnection(id: string): Promise<boolean> {
    await this.#snapshots.sent();
    return killConnection(this.#workers, id);
  }

  /** Cuts all that match, likewise. @returns how many @throws TslbError TSLB_THREAD_SILENT */
  async killConnections(match: ConnectionMatch): Promise<number> {
    await this.#snapshots.sent();
    return killConnections(this.#workers, match);
  }

  /** Resolves when the last connection of a removed server has ended. */
  retired(server: number): Promise<void> {
    return this.#presences.empty(server);
  }

  /** Cuts what is left of a removed server. */
  cut(server: number): void {
    for (const thread of this.#workers) thread.cut(server);
  }

  /** Cuts the connections of a backend, of which the snapshot that was published last has told. */
  close(server: number, slot: number): void {
    this.#snapshots.afterNewest(server, () => {
      for (const thread of this.#workers) thread.close(server, slot);
    });
  }

  /** Ends all threads; connections that they still hold are cut. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#rollout.stop();
    this.#snapshots.stop();
    this.#connectionLists.stop();
    await this.#workers.stop();
    this.#snapshotAcks.close();
    this.#rollout.close();
  }

  #onReport(thread: ThreadHandle, report: UnsolicitedReport): void {
    switch (report.type) {
      case 'log':
        return this.#log(report);
      case 'access':
        return this.#options.onAccessLines(report.lines);
      case 'failure':
        return this.#options.onFailure(report);
      case 'shortage':
        return this.#options.onShortage(report);
      case 'retired':
        this.#presences.retired(report.server, thread);
        return this.#snapshotAcks.check();
      case 'applied':
        thread.applied.set(report.server, report.version);
        this.#snapshotAcks.check();
        return this.#options.onApplied(report.server, this.#presences.appliedByAll(report.server));
      default:
        return report satisfies never;
    }
  }

  #log({ level, message, fields, isThrottled }: LogReport): void {
    if (!isThrottled || this.#throttle.isDue(message, fields)) this.#options.onLog(level, message, fields);
  }

  #onSpawnFailure(error: Error): void {
    const fields = { reason: error.message };
    if (this.#throttle.isDue('data-plane thread not started', fields)) {
      this.#options.onLog('error', 'data-plane thread not started', fields);
    }
  }

  /** Its connections are gone with it: what they held is reclaimed, and another thread takes over its binds. */
  #onDeath(thread: ThreadHandle, error: Error): void {
    this.#presences.threadDied(thread);
    this.#snapshotAcks.check();
    this.#rollout.threadDied(thread);
    if (this.#isStopped) return;
    this.#options.onLog('error', 'data-plane thread died', { thread: thread.number, reason: error.message });
    for (const other of this.#workers) other.serve();
    this.#respawn.start();
  }
}
