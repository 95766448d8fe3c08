import type { DescriptorBudget } from '../../../core/engine.ts';
import type { Seat } from './bells.ts';
import type { Tether } from './tether.ts';

/** What an engine is made with. Plain data, to be sent to its thread. */
export interface EngineSetup {
  readonly descriptors: DescriptorBudget;
  readonly seat: Seat;
  /** For an engine that owns its thread. */
  readonly tether: Tether | undefined;
}
