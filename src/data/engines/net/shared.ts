import type { LocalPorts } from '../../../io/local-ports.ts';
import type { Descriptors } from '../common/descriptors.ts';
import type { PeriodicVisitor } from './periodic-visitor.ts';
import type { Relay } from './relay.ts';
import type { SendQueues } from './send-queues.ts';

/** What the pairs of one thread share. */
export interface NetShared {
  readonly descriptors: Descriptors;
  /** Report what they have moved. */
  readonly relays: PeriodicVisitor<Relay>;
  /** Are asked whether they are still there. */
  readonly waiting: PeriodicVisitor<Waiting>;
  readonly sendQueues: SendQueues;
  readonly localPorts: LocalPorts;
}

/** A client that waits for a backend to be dialled. */
export interface Waiting {
  probe(): void;
}
