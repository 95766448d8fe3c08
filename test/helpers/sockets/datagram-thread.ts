import assert from 'node:assert/strict';
import { once } from 'node:events';
import { extname } from 'node:path';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { IpAddress, SocketAddress } from '../../../src/core/address.ts';
import { createLifeline, createWakers, type EngineKind } from '../../../src/data/engines/registry.ts';
import type { DatagramWorkerSetup } from '../processes/datagram-worker.ts';
import type { DatagramOrder, DatagramPolicy, DatagramReport, MovedDatagrams } from './datagram-desk.ts';

const ENTRY = new URL(`../processes/datagram-worker${extname(import.meta.url)}`, import.meta.url);

export const ANY_UDP_PORT: IpAddress = { ip: '127.0.0.1', port: 0 };

type Told<Type extends DatagramReport['type']> = Extract<DatagramReport, { type: Type }>;

/** A thread that runs an engine for UDP without policy, told by the test what to do. */
export class DatagramThread {
  readonly reports: DatagramReport[] = [];
  /** Int32 words of DescriptorBudget.shared: pairs that are open, and how many may be. */
  readonly pairs = new Int32Array(new SharedArrayBuffer(8));
  readonly #worker: Worker;
  readonly #wake: () => void;
  readonly #fault: Promise<never>;
  readonly #waiting = new Set<() => void>();
  #at: SocketAddress = ANY_UDP_PORT;

  constructor(t: TestContext, kind: EngineKind) {
    this.pairs[1] = 2 ** 31 - 1;
    const wakers = createWakers(kind, 1);
    wakers.install(0);
    const worker = { index: 0, wakers: wakers.memory };
    const lifeline = createLifeline(kind, worker);
    const descriptors = {
      shared: this.pairs.buffer,
      workers: new SharedArrayBuffer(12),
      held: new SharedArrayBuffer(4),
    };
    const workerData: DatagramWorkerSetup = { kind, setup: { descriptors, worker, fdLedger: lifeline?.fdLedger } };
    this.#worker = new Worker(ENTRY, { workerData });
    this.#worker.on('message', (report: DatagramReport) => {
      this.reports.push(report);
      for (const check of this.#waiting) check();
    });
    this.#wake = () => lifeline?.wake();
    this.#fault = new Promise((_, reject) => this.#worker.once('error', reject));
    this.#fault.catch(() => undefined); // looked at by what waits for the thread
    t.after(async () => {
      const ended = this.#worker.terminate();
      lifeline?.wake();
      await ended;
      lifeline?.release();
      wakers.close();
    });
  }

  /** Where it listens. */
  get address(): IpAddress {
    assert('ip' in this.#at);
    return this.#at;
  }

  async online(): Promise<void> {
    await once(this.#worker, 'online');
  }

  order(order: DatagramOrder): void {
    this.#worker.postMessage(order);
    this.#wake();
  }

  async listen(policy: DatagramPolicy, at: IpAddress = ANY_UDP_PORT): Promise<void> {
    const before = this.told('listening').length;
    this.order({ type: 'listen', at, policy });
    await this.until(() => this.told('listening').length > before || this.told('failed').length > 0);
    assert.deepEqual(this.told('failed'), []);
    this.#at = this.told('listening').at(-1)!.at;
  }

  told<Type extends DatagramReport['type']>(type: Type): readonly Told<Type>[] {
    return this.reports.filter((report): report is Told<Type> => report.type === type);
  }

  async tells<Type extends DatagramReport['type']>(type: Type, times = 1): Promise<readonly Told<Type>[]> {
    await this.until(() => this.told(type).length >= times);
    return this.told(type);
  }

  /** How a session ended, and what it has moved. */
  async ended(pair: number): Promise<{ readonly end: string; readonly moved: MovedDatagrams }> {
    const find = () => this.told('ended').find((report) => report.pair === pair);
    await this.until(() => find() !== undefined);
    const { end, moved } = find()!;
    return { end, moved };
  }

  droppedFor(why: string): number {
    return this.told('dropped').reduce((sum, report) => sum + (report.why === why ? report.datagrams : 0), 0);
  }

  /** Resolves when it holds; looks again at everything that the thread tells. Rejects when it has died of a fault. */
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
    await Promise.race([told, this.#fault]);
  }
}

export async function startDatagrams(
  t: TestContext,
  kind: EngineKind,
  policy: DatagramPolicy,
  at?: IpAddress,
): Promise<DatagramThread> {
  const thread = new DatagramThread(t, kind);
  await thread.online();
  await thread.listen(policy, at);
  return thread;
}
