import type { DescriptorBudget, Engine, EngineKind } from '../../core/engine.ts';
import { createNetEngine } from './net/engine.ts';

/** One line for each engine. */
const engines: Readonly<Record<EngineKind, (budget: DescriptorBudget) => Engine>> = {
  net: createNetEngine,
};

export function createEngine(kind: EngineKind, budget: DescriptorBudget): Engine {
  return engines[kind](budget);
}
