import { availableParallelism } from 'node:os';

import { AUTO_KINDS, sharesListeners, whyNoEngine, type EngineKind } from '../../data/engines/registry.ts';
import type { Config, ServerConfig } from '../config/config.ts';

/** What `auto` stands for here. */
export interface AutoEngine {
  readonly kind: EngineKind;
  /** The better engine that cannot run here, and why, where there is one. */
  readonly missed?: { readonly kind: EngineKind; readonly reason: string };
}

/** @throws Error when no engine that `auto` chooses from can run here */
export function autoEngine(): AutoEngine {
  const tried = AUTO_KINDS.map((kind) => ({ kind, reason: whyNoEngine(kind) }));
  const chosen = tried.find(({ reason }) => reason === undefined);
  if (chosen === undefined) throw new Error('no engine can run here');
  const [best] = tried;
  if (best?.reason === undefined) return { kind: chosen.kind };
  return { kind: chosen.kind, missed: { kind: best.kind, reason: best.reason } };
}

export function engineOf({ engine }: ServerConfig): EngineKind {
  return engine === 'auto' ? autoEngine().kind : engine;
}

/** Threads that each engine may have. */
export function threadsOf({ threads }: Pick<Config, 'threads'>): number {
  return threads ?? availableParallelism();
}

/** As `tslb --version` says it. */
export function describeEngine(): string {
  const { kind, missed } = autoEngine();
  const threads = threadsOf({});
  const many = `${sharesListeners(kind) ? '' : 'up to '}${threads} thread${threads === 1 ? '' : 's'}`;
  const why = missed === undefined ? '' : `; ${missed.kind} cannot run here: ${missed.reason}`;
  return `engine ${kind}, ${many}${why}`;
}
