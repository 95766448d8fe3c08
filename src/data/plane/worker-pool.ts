import { asError } from '../../core/errors.ts';
import { createWakers, type Wakers, type EngineKind, type EngineWorker } from '../engines/registry.ts';
import type { ThreadOptions } from '../protocol/messages.ts';
import { DescriptorLimit } from './descriptor-limit.ts';
import type { SpawnableWorkers } from './placement.ts';
import { lowestFree, QueueNumbers } from './queue-numbers.ts';
import { ThreadHandle, type UnsolicitedReport, type StartOptions } from './thread-handle.ts';

export interface WorkerPoolEvents {
  readonly onReport: (thread: ThreadHandle, report: UnsolicitedReport) => void;
  /** It is not in the pool any more; its connections are gone, and their descriptors given back. */
  readonly onDeath: (thread: ThreadHandle, error: Error) => void;
  /** A thread could not be started. */
  readonly onSpawnFailure: (error: Error) => void;
}

/** The data-plane threads that live, of all engines. */
export class WorkerPool implements SpawnableWorkers<ThreadHandle> {
  readonly most: number;
  readonly #options: () => Omit<ThreadOptions, 'engine'>;
  readonly #events: WorkerPoolEvents;
  readonly #limit = new DescriptorLimit();
  readonly #living = new Set<ThreadHandle>();
  readonly #wakers = new Map<EngineKind, Wakers>();
  readonly #queues = new QueueNumbers();
  #made = 0;

  /** @param most threads of each engine @param options of a thread that is started now */
  constructor(most: number, options: () => Omit<ThreadOptions, 'engine'>, events: WorkerPoolEvents) {
    this.most = most;
    this.#options = options;
    this.#events = events;
  }

  [Symbol.iterator](): Iterator<ThreadHandle> {
    return this.#living.values();
  }

  has(thread: ThreadHandle): boolean {
    return this.#living.has(thread);
  }

  of(engine: EngineKind): readonly ThreadHandle[] {
    return [...this.#living].filter((thread) => thread.engine === engine);
  }

  spawn(engine: EngineKind): ThreadHandle | undefined {
    try {
      return this.#start(engine);
    } catch (thrown) {
      this.#events.onSpawnFailure(asError(thrown));
      return undefined;
    }
  }

  /** @throws Error when the engine cannot run here, or there is no descriptor or no queue left */
  #start(engine: EngineKind): ThreadHandle {
    const worker = this.#nextWorker(engine);
    const queue = this.#queues.assign(engine, worker.index, new Set([...this].map((thread) => thread.queue)));
    const options: StartOptions = {
      engine,
      ...this.#options(),
      descriptors: this.#limit.budget(engine),
      worker,
      queue,
    };
    this.#made += 1;
    const thread: ThreadHandle = new ThreadHandle(this.#made, options, {
      onReport: (report) => this.#events.onReport(thread, report),
      onDeath: (error) => {
        this.#living.delete(thread);
        this.#limit.reclaim(thread.descriptors);
        this.#events.onDeath(thread, error);
      },
    });
    this.#living.add(thread);
    return thread;
  }

  /** Clients are shared among these. A thread that is not ready yet, or never will be, has no share. */
  share(accepting: ReadonlySet<ThreadHandle>): void {
    for (const engine of new Set([...this.#living].map((thread) => thread.engine))) {
      this.#limit.share(engine, [...accepting].filter((thread) => thread.engine === engine).length);
    }
  }

  /** To be called when listeners or threads came or went. */
  measureDescriptors(): void {
    this.#limit.measure();
  }

  /** Ends all; connections that they still hold are cut. */
  async stop(): Promise<void> {
    await Promise.all([...this.#living].map((thread) => thread.stop()));
    this.#living.clear();
    for (const wakers of this.#wakers.values()) wakers.close();
  }

  /** @throws Error as `#start` */
  #nextWorker(engine: EngineKind): EngineWorker {
    const number = lowestFree(new Set(this.of(engine).map(({ workerIndex }) => workerIndex)));
    const wakers = this.#wakers.get(engine) ?? createWakers(engine, this.most);
    this.#wakers.set(engine, wakers);
    wakers.install(number);
    return { index: number, wakers: wakers.memory };
  }
}
