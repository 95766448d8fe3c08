import type { EngineKind } from '../engines/registry.ts';
import { MOST_QUEUES } from '../../ledger/queue-words.ts';
import { queueWorkers, setQueueWorker, type QueueAssignment } from '../protocol/queue-directory.ts';

/** Gives each thread the number of its queue, over all engines, and tells the threads of its engine whose it is. */
export class QueueNumbers {
  readonly #workers = new Map<EngineKind, SharedArrayBuffer>();

  /**
   * For a thread that is about to start. The number of a dead thread may be given again when what that held has been
   * reclaimed.
   * @param worker its index in its engine @param taken numbers of the threads that live
   * @throws RangeError when MOST_QUEUES threads live
   */
  assign(engine: EngineKind, worker: number, taken: ReadonlySet<number>): QueueAssignment {
    const number = lowestFree(taken);
    if (number >= MOST_QUEUES) throw new RangeError(`more than ${MOST_QUEUES} data-plane threads`);
    const own = this.#workers.get(engine) ?? queueWorkers();
    this.#workers.set(engine, own);
    // An earlier thread of this number may have been of another engine.
    for (const workers of this.#workers.values()) setQueueWorker(workers, number, workers === own ? worker : undefined);
    return { number, workers: own };
  }
}

/** Numbers count from 0; as they stay low, what is ordered by them stays short. */
export function lowestFree(taken: ReadonlySet<number>): number {
  let number = 0;
  while (taken.has(number)) number += 1;
  return number;
}
