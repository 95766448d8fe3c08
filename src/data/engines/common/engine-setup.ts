import type { DescriptorBudget } from '../../../core/descriptor-budget.ts';
import type { FdLedger } from './lifeline.ts';
import type { EngineWorker } from './wakers.ts';

/** What an engine is made with. Plain data, to be sent to its thread. */
export interface EngineSetup {
  readonly descriptors: DescriptorBudget;
  readonly worker: EngineWorker;
  /** For an engine that owns its thread. */
  readonly fdLedger: FdLedger | undefined;
}
