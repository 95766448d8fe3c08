import pLimit from 'p-limit';
import type { BindFailure, OpenedBind, ServerSpec } from '../protocol/messages.ts';
import { BindError, heldBy } from './bind-error.ts';
import type { Deployment } from './deployment.ts';
import { checkEngines } from './engine-check.ts';
import { Handover } from './handover.ts';
import { Homes } from './homes.ts';
import { bindsOf, isShort, place, type Placement, type WantedBind } from './placement.ts';
import type { ServerPresences } from './server-presences.ts';
import { SharedSockets } from './shared-sockets.ts';
import type { SnapshotPublisher } from './snapshot-publisher.ts';
import { changeModes } from './socket-modes.ts';
import { specsFor } from './specs.ts';
import type { Answer, ThreadHandle } from './thread-handle.ts';
import type { WorkerPool } from './worker-pool.ts';

/** How often servers are applied when a thread dies while it gets ready. */
const ATTEMPTS = 3;

const THREAD_DIED: BindFailure = {
  server: '',
  bind: '',
  code: 'THREAD_DIED',
  reason: 'it ended while other threads were starting',
};

interface Parts {
  readonly workers: WorkerPool;
  readonly presences: ServerPresences;
  readonly snapshots: SnapshotPublisher;
}

/** What one thread is to have. */
interface Plan {
  readonly thread: ThreadHandle;
  readonly specs: readonly ServerSpec[];
}

/**
 * Brings a set of servers to the threads, as a whole and in two phases: all threads prepare, and when each of them could,
 * all commit; else all roll back. One set after the other.
 */
export class Rollout {
  readonly #most: number;
  readonly #parts: Parts;
  readonly #oneAtATime = pLimit(1);
  readonly #sockets: SharedSockets;
  /** What is in force, and where. */
  #deployments: readonly Deployment[] = [];
  #placement: Placement<ThreadHandle> = new Map();
  readonly #homes = new Homes<ThreadHandle>();
  #isStopped = false;

  /** @param most threads of each engine */
  constructor(most: number, parts: Parts) {
    this.#most = most;
    this.#parts = parts;
    this.#sockets = new SharedSockets(most);
  }

  /** @see DataPlane.apply */
  apply(deployments: readonly Deployment[]): Promise<readonly OpenedBind[]> {
    return this.#oneAtATime(() => this.#apply(deployments));
  }

  /** Whether a bind lacks a thread, as after a death. */
  get isShort(): boolean {
    return !this.#isStopped && isShort(bindsOf(this.#deployments), this.#placement, this.#most);
  }

  /** Applies once more what is in force when its turn comes: a reload may be before it. @throws as apply */
  repeat(): Promise<readonly OpenedBind[]> {
    return this.#oneAtATime(() => this.#apply(this.#deployments));
  }

  /** Its binds stay with their other threads, if there are any; `repeat` gives them to a new thread. */
  threadDied(thread: ThreadHandle): void {
    this.#setPlacement(
      new Map([...this.#placement].map(([bind, holders]) => [bind, holders.filter((one) => one !== thread)])),
    );
    this.#homes.threadDied(thread);
    this.#sockets.vacate(thread.engine, thread.workerIndex);
  }

  /** Nothing is applied any more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** To be called when all threads have ended. */
  close(): void {
    this.#sockets.close();
  }

  async #apply(deployments: readonly Deployment[]): Promise<readonly OpenedBind[]> {
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
    const current = bindsOf(this.#deployments);
    checkEngines(wanted, current);
    const handover = Handover.between(current, wanted);
    try {
      return await this.#bring(deployments, wanted, handover);
    } finally {
      handover?.end();
    }
  }

  async #bring(
    deployments: readonly Deployment[],
    wanted: readonly WantedBind[],
    handover: Handover | undefined,
  ): Promise<Answer> {
    const { workers } = this.#parts;
    const refused = handover?.begin() ?? [];
    const opened = this.#sockets.open(wanted, (bind) => handover?.isComing(bind) === true);
    if (refused.length + opened.failures.length > 0) return this.#failed([...refused, ...opened.failures], wanted);
    const places = place(wanted, this.#homes.with(this.#placement, wanted), workers);
    const upToDate = deployments.map((deployment) => this.#upToDate(deployment));
    const where = { places, sockets: this.#sockets, handover };
    const plans = [...workers].map((thread) => ({ thread, specs: specsFor(thread, upToDate, where) }));
    const answers = await Promise.all(plans.map(({ thread, specs }) => thread.prepare(specs)));
    // A thread may have died after its answer, while others still prepared.
    const deaths = plans.filter(({ thread }) => !workers.has(thread)).map(() => THREAD_DIED);
    const failures = [...answers.flatMap((answer) => answer.failures), ...deaths];
    if (failures.length > 0) {
      await Promise.all(plans.map(({ thread }) => thread.rollback()));
      return this.#failed(failures, wanted);
    }
    handover?.passOver();
    this.#checkRunning();
    this.#sockets.commit(
      new Map([...places].map(([bind, threads]) => [bind, threads.map(({ workerIndex }) => workerIndex)])),
    );
    this.#commit(deployments, places, plans);
    await Promise.all(plans.map(({ thread }) => thread.commit(handover?.leaving ?? [])));
    workers.measureDescriptors();
    return { failures, listening: [...opened.listening, ...answers.flatMap((answer) => answer.listening)] };
  }

  #checkRunning(): void {
    if (this.#isStopped) throw new Error('the data plane was stopped');
  }

  /** With the snapshot that was published last. */
  #upToDate(deployment: Deployment): Deployment {
    const published = this.#parts.snapshots.newest(deployment.id);
    return published === undefined || published.version <= deployment.snapshot.version
      ? deployment
      : { ...deployment, snapshot: published };
  }

  #failed(failures: readonly BindFailure[], wanted: readonly WantedBind[]): Answer {
    const binds = { wanted, current: bindsOf(this.#deployments) };
    return { failures: failures.map((failure) => ({ ...failure, heldBy: heldBy(failure, binds) })), listening: [] };
  }

  /** Snapshots of servers that did not come to be. */
  #forgetUnknown(): void {
    const { presences, snapshots } = this.#parts;
    for (const id of snapshots.servers) {
      if (!presences.has(id)) snapshots.forget(id);
    }
  }

  #commit(deployments: readonly Deployment[], places: Placement<ThreadHandle>, plans: readonly Plan[]): void {
    this.#setPlacement(places);
    this.#homes.note(bindsOf(deployments), places);
    changeModes(bindsOf(this.#deployments), bindsOf(deployments));
    this.#parts.presences.replace(deployments, (id) => {
      const present = plans.filter(({ specs }) => specs.some((spec) => spec.id === id));
      return new Set(present.map(({ thread }) => thread));
    });
    this.#deployments = deployments;
  }

  #setPlacement(placement: Placement<ThreadHandle>): void {
    this.#placement = placement;
    this.#parts.workers.share(new Set([...placement.values()].flat()));
  }
}
