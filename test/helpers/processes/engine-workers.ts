import { once } from 'node:events';
import { extname } from 'node:path';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { SocketAddress } from '../../../src/core/address.ts';
import { MOST_PAIRS } from '../../../src/core/descriptor-budget.ts';
import {
  createWakers,
  createLifeline,
  openShared,
  sharesListeners,
  type EngineKind,
} from '../../../src/data/engines/registry.ts';
import type { EngineWorker, Lifeline, SharedListener, Wakers } from '../../../src/data/engines/registry.ts';
import type { EngineReport, EngineWorkerSetup, Order } from './engine-worker.ts';
import { HOPS_LEFT, RESTING, tokensAt } from './tokens.ts';

const ENTRY = new URL(`./engine-worker${extname(import.meta.url)}`, import.meta.url);

/** Threads that run an engine without policy, and can call each other. */
export class EngineWorkers {
  readonly kind: EngineKind;
  /** @see tokens.ts */
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #wakers: Wakers;
  readonly #living = new Set<EngineThread>();

  constructor(t: TestContext, kind: EngineKind, workers: number) {
    this.kind = kind;
    this.#words = new Int32Array(new SharedArrayBuffer(tokensAt(workers) * Int32Array.BYTES_PER_ELEMENT));
    this.#wakers = createWakers(kind, workers);
    t.after(() => this.stop());
  }

  /** From now on tokens make so many hops before they come to rest. */
  allow(hops: number): void {
    Atomics.store(this.#words, HOPS_LEFT, hops);
    Atomics.store(this.#words, RESTING, 0);
  }

  /** Resolves when so many tokens have come to rest; rejects when a thread has died of a fault. */
  async rest(tokens: number): Promise<void> {
    const faults = [...this.#living].map((thread) => thread.fault);
    for (let resting = -1; (resting = Atomics.load(this.#words, RESTING)) !== tokens;) {
      await Promise.race([Atomics.waitAsync(this.#words, RESTING, resting).value, ...faults]);
    }
  }

  /** Tokens that nobody has picked up. */
  lyingAt(workerIndex: number): number {
    return Atomics.load(this.#words, tokensAt(workerIndex));
  }

  /** Starts a thread, and resolves when it runs. @param at where it listens, if anywhere */
  async start(index: number, at?: SocketAddress): Promise<EngineThread> {
    this.#wakers.install(index);
    const worker = { index, wakers: this.#wakers.memory };
    const thread = new EngineThread(this.kind, worker, this.#words.buffer, at);
    this.#living.add(thread);
    await thread.started;
    return thread;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#living].map((thread) => thread.kill()));
    this.#living.clear();
    this.#wakers.close();
  }
}

export class EngineThread {
  /** What it has told, in order. */
  readonly reports: EngineReport[] = [];
  readonly started: Promise<unknown>;
  /** Rejects with what it has died of. */
  readonly fault: Promise<never>;
  readonly #worker: Worker;
  readonly #lifeline: Lifeline | undefined;
  readonly #listener: SharedListener | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(kind: EngineKind, worker: EngineWorker, tokens: SharedArrayBuffer, at: SocketAddress | undefined) {
    this.#lifeline = createLifeline(kind, worker);
    if (at !== undefined && sharesListeners(kind)) {
      this.#listener = openShared(kind, at, { workers: 1, isBeside: false });
      this.#listener.admit(0);
      this.reports.push({ type: 'listening', at: this.#listener.at });
    }
    const workerData: EngineWorkerSetup = {
      kind,
      setup: { descriptors: plenty(), worker, fdLedger: this.#lifeline?.fdLedger },
      tokens,
      listenOn: at && { address: at, socket: this.#listener?.socketFor(0) },
    };
    this.#worker = new Worker(ENTRY, { workerData });
    this.#worker.on('message', (report: EngineReport) => {
      this.reports.push(report);
      for (const check of this.#waiting) check();
    });
    this.fault = new Promise((_, reject) => this.#worker.once('error', reject));
    this.fault.catch(() => undefined); // who waits for the thread looks at it
    this.#worker.once('exit', () => {
      this.#lifeline?.release();
      this.#listener?.vacate(0);
      this.#listener?.release();
    });
    this.started = once(this.#worker, 'online');
  }

  order(order: Order): void {
    this.#worker.postMessage(order);
    this.#lifeline?.wake();
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const ended = this.#worker.terminate();
    this.#lifeline?.wake();
    await ended;
  }

  /** Resolves when it holds, looking again at everything that the thread tells; rejects when it has died of a fault. */
  async until(holds: () => boolean): Promise<void> {
    const told = new Promise<void>((resolve) => {
      const check = () => {
        if (!holds()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
    await Promise.race([told, this.fault]);
  }
}

function plenty(): EngineWorkerSetup['setup']['descriptors'] {
  const shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  new Int32Array(shared)[MOST_PAIRS] = 2 ** 31 - 1;
  return {
    shared,
    workers: new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT),
    held: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  };
}
