import type { Descriptors } from '../descriptors.ts';
import type { Relays } from './relays.ts';
import type { SendQueues } from './send-queues.ts';

/** What the links of one thread share. */
export interface NetShared {
  readonly descriptors: Descriptors;
  readonly relays: Relays;
  readonly sendQueues: SendQueues;
}
