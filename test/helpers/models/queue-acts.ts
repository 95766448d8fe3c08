import type { BalanceKind } from '../../../src/balance/registry.ts';
import type { Limits } from '../../../src/core/limits.ts';
import type { FakeBackend } from '../rigs/frontend.ts';

export interface QueueRules {
  readonly backends: readonly FakeBackend[];
  /** The first is in force at first, any of them after a reload. */
  readonly limits: readonly Limits[];
  readonly balance: BalanceKind;
  readonly threads: number;
  readonly countsClients: boolean;
  /** Backends that may be there at a time. */
  readonly mostBackends: number;
}

/** What may happen. */
export const QUEUE_ACTS = [
  'accept',
  'connect',
  'fail',
  'move',
  'end',
  /** Time passes. */
  'wait',
  /** A thread hears what the control plane told it next. */
  'hear',
  /** A thread answers a call. */
  'answer',
  /** All threads have heard everything, and answered. */
  'settle',
  /** Backends come, go, go down, come up, or are configured anew. */
  'change',
  'reload',
  'forgetFailures',
  'startProbing',
  'restore',
  'close',
  'cut',
  'die',
  /** The control plane learns that a thread has died. */
  'reclaim',
  /** Another thread takes the place of one that has died. */
  'replace',
] as const;

export interface QueueAct {
  readonly do: (typeof QUEUE_ACTS)[number];
  readonly thread: number;
  readonly pick: number;
}
