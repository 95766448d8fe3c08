import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../core/clock.ts';
import type { ConnectionMatch, ConnectionQuery } from '../../core/connection-list.ts';
import type { DescriptorBudget } from '../../core/descriptor-budget.ts';
import type { ThreadStatus } from '../../core/process-status.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import {
  createLifeline,
  youngGenerationMb,
  type EngineKind,
  type EngineSetup,
  type Lifeline,
} from '../engines/registry.ts';
import type {
  Command,
  ThreadReport,
  ServerSpec,
  ThreadList,
  ThreadOptions,
  ThreadSetup,
} from '../protocol/messages.ts';
import type { QueueAssignment } from '../protocol/queue-directory.ts';
import { readThreadCounters, threadCountersMemory } from '../protocol/thread-counters.ts';
import { PendingRequests } from './pending-requests.ts';

export type Answer = Pick<Extract<ThreadReport, { type: 'prepared' }>, 'failures' | 'listening'>;

/** What is not an answer to a command of the handle's own. */
export type UnsolicitedReport = Exclude<
  ThreadReport,
  { type: 'prepared' | 'settled' | 'listed' | 'killed' | 'stopped' }
>;

export type StartOptions = ThreadOptions & Omit<EngineSetup, 'fdLedger'> & { readonly queue: QueueAssignment };

export interface ThreadEvents {
  readonly onReport: (report: UnsolicitedReport) => void;
  /** It ended without being asked to. All its connections are gone. */
  readonly onDeath: (error: Error) => void;
}

/** The control plane's end of one data-plane thread. */
export class ThreadHandle {
  /** Never used again, also not by the thread that takes its place. */
  readonly number: number;
  /** Among the threads of its engine that live. */
  readonly workerIndex: number;
  /** The number of its queue: among the threads of all engines that live. */
  readonly queue: number;
  /** What it may claim, and has claimed. */
  readonly descriptors: DescriptorBudget;
  /** By server, the version of the snapshot that it elects from. */
  readonly applied = new Map<number, number>();
  readonly engine: EngineKind;
  readonly #counters = threadCountersMemory();
  readonly #lists = new PendingRequests<ThreadList>(systemClock);
  readonly #kills = new PendingRequests<number>(systemClock);
  readonly #worker: Worker;
  /** Of an engine that owns its thread, until that has ended. */
  #lifeline: Lifeline | undefined;
  /** Why it ended. */
  readonly #exited: Promise<Error>;
  #death: Error | undefined;
  /**
   * Resolve the promise of `prepare`, and that of `commit` or `rollback`. They are called at the end of the thread too, so
   * that no command waits for `#exited`: what waits for that is kept for as long as the thread lives.
   */
  #answered: (answer: Answer) => void = () => undefined;
  #settled: () => void = () => undefined;
  #isStopping = false;

  /** @throws Error when the engine cannot run here, or the system has no room for another thread */
  constructor(number: number, options: StartOptions, events: ThreadEvents) {
    this.number = number;
    this.workerIndex = options.worker.index;
    this.queue = options.queue.number;
    this.descriptors = options.descriptors;
    this.engine = options.engine;
    this.#lifeline = createLifeline(options.engine, options.worker);
    const setup: ThreadSetup = { ...options, number, counters: this.#counters, fdLedger: this.#lifeline?.fdLedger };
    // The compiler rewrites the extension of imports, not of a URL.
    const entry = new URL(`../thread/entry${extname(import.meta.url)}`, import.meta.url);
    this.#worker = this.#startWorker(entry, setup);
    this.#worker.on('message', (report: ThreadReport) => {
      if (report.type === 'prepared') this.#answered(report);
      else if (report.type === 'settled') this.#settled();
      else if (report.type === 'listed') this.#lists.answered(report.request, report.list);
      else if (report.type === 'killed') this.#kills.answered(report.request, report.count);
      else if (report.type === 'stopped') void this.#worker.terminate();
      else events.onReport(report);
    });
    let fault: Error | undefined;
    this.#worker.on('error', (error) => (fault = error));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        const error = fault ?? new Error(`the thread ended with code ${code}`);
        this.#lifeline?.release();
        this.#lifeline = undefined;
        this.#lists.close();
        this.#kills.close();
        this.#death = error;
        this.#answered(diedAnswer(error));
        this.#settled();
        resolve(error);
        if (!this.#isStopping) events.onDeath(error);
      });
    });
  }

  #startWorker(entry: URL, setup: ThreadSetup): Worker {
    try {
      const youngMb = youngGenerationMb(this.engine);
      return new Worker(entry, {
        workerData: setup,
        name: `tslb data ${this.number}`,
        resourceLimits: youngMb === undefined ? {} : { maxYoungGenerationSizeMb: youngMb },
      });
    } catch (thrown) {
      this.#lifeline?.release();
      throw thrown;
    }
  }

  /** Gets everything ready. A thread that dies meanwhile has failed. */
  prepare(servers: readonly ServerSpec[]): Promise<Answer> {
    if (this.#death !== undefined) return Promise.resolve(diedAnswer(this.#death));
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#send({ type: 'prepare', servers });
    });
  }

  /** Resolves when the binds that it gives up are closed. @param handedOver binds that others have the place of */
  commit(handedOver: readonly string[]): Promise<void> {
    return this.#endPreparation({ type: 'commit', handedOver });
  }

  /** Resolves as commit does. */
  rollback(): Promise<void> {
    return this.#endPreparation({ type: 'rollback' });
  }

  publish(server: number, snapshot: Snapshot): void {
    this.#send({ type: 'snapshot', server, snapshot });
  }

  observe(observe: Omit<Extract<Command, { type: 'observe' }>, 'type'>): void {
    this.#send({ type: 'observe', ...observe });
  }

  /** Has it serve its queues. */
  serve(): void {
    this.#send({ type: 'serve' });
  }

  cut(server: number): void {
    this.#send({ type: 'cut', server });
  }

  close(server: number, slot: number): void {
    this.#send({ type: 'close', server, slot });
  }

  /**
   * Connections that match: no more than the query asks for. Undefined when the thread has ended meanwhile.
   * @throws TslbError TSLB_THREAD_SILENT
   */
  list(query: ConnectionQuery): Promise<ThreadList | undefined> {
    return this.#lists.ask((request) => this.#send({ type: 'list', request, query }));
  }

  /**
   * Cuts those that match, or the one of this number.
   * @returns how many; undefined when the thread has ended meanwhile
   * @throws TslbError TSLB_THREAD_SILENT; then it cuts them when it comes to it
   */
  kill(which: ConnectionMatch | number): Promise<number | undefined> {
    return this.#kills.ask((request) => this.#send({ type: 'kill', request, which }));
  }

  get status(): ThreadStatus {
    return { number: this.number, engine: this.engine, ...readThreadCounters(this.#counters) };
  }

  /** Resolves when the thread has ended; connections that it still holds are cut. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#send({ type: 'stop' });
    await this.#exited;
  }

  #send(command: Command): void {
    this.#worker.postMessage(command);
    this.#lifeline?.wake();
  }

  #endPreparation(command: Extract<Command, { type: 'commit' | 'rollback' }>): Promise<void> {
    if (this.#death !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#settled = resolve;
      this.#send(command);
    });
  }
}

function diedAnswer({ message }: Error): Answer {
  return { failures: [{ server: '', bind: '', code: 'THREAD_DIED', reason: message }], listening: [] };
}
