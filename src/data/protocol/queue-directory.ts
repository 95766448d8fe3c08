import { MOST_QUEUES } from '../../ledger/queue-words.ts';

/** What a thread is told of the queues in which clients wait. Plain data, to be sent to it. */
export interface QueueAssignment {
  /** Of its own queue. @see QueueWords */
  readonly number: number;
  /** Of its engine. @see queueWorkers */
  readonly workers: SharedArrayBuffer;
}

/**
 * By number of a queue, the worker of one engine that serves it, which the control plane alone writes:
 *
 *     Int32    [ index of the worker of queue 0 … 1023, plus one; 0 where it is of another engine, or of none ]   atomics
 */
export function queueWorkers(): SharedArrayBuffer {
  return new SharedArrayBuffer(MOST_QUEUES * Int32Array.BYTES_PER_ELEMENT);
}

/** @param worker its index in its engine; undefined when the queue is not of that engine any more */
export function setQueueWorker(workers: SharedArrayBuffer, queue: number, worker: number | undefined): void {
  Atomics.store(new Int32Array(workers), queue, worker === undefined ? 0 : worker + 1);
}

/** A thread's way from the number of a queue to the worker of its engine that serves it. */
export class QueueDirectory {
  /** The number of this thread's queue. */
  readonly own: number;
  readonly #workers: Int32Array;

  constructor({ number, workers }: QueueAssignment) {
    this.own = number;
    this.#workers = new Int32Array(workers);
  }

  /** @returns undefined for a queue of another engine, whose threads cannot be called from this one */
  workerOf(queue: number): number | undefined {
    const worker = Atomics.load(this.#workers, queue);
    return worker === 0 ? undefined : worker - 1;
  }
}
