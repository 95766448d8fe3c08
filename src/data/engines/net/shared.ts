import type { Clock } from '../../../core/clock.ts';
import type { LocalPorts } from '../../../io/local-ports.ts';
import type { Descriptors } from '../common/descriptors.ts';
import type { KernelTable } from './kernel-table.ts';
import type { UsedUpPorts } from '../common/used-up-ports.ts';
import type { PeriodicVisitor } from './periodic-visitor.ts';
import type { SendQueues } from './send-queues.ts';

/** What the pairs of one thread share. */
export interface NetShared {
  /** Its timers act after the sockets were read. */
  readonly clock: Clock;
  readonly table: KernelTable;
  readonly descriptors: Descriptors;
  /** Report what they have moved. */
  readonly relays: PeriodicVisitor<Visited>;
  /** Are asked whether they are still there. */
  readonly waiting: PeriodicVisitor<Waiting>;
  readonly sendQueues: SendQueues;
  readonly localPorts: LocalPorts;
  readonly usedUpPorts: UsedUpPorts;
}

/** A client that waits for a backend to be dialled. */
export interface Waiting {
  probe(): void;
}

/** What relays. */
export interface Visited {
  visit(): void;
}
