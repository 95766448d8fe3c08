import { availableParallelism } from 'node:os';

import type { EngineKind } from '../../core/engine.ts';
import { whyNoEngine } from '../../data/plane/host.ts';
import type { Config, ServerConfig } from '../config/config.ts';

/** What `auto` stands for here. */
export interface AutoEngine {
  readonly kind: EngineKind;
  /** Why it is not epoll, where it is not. */
  readonly reason?: string;
}

export function autoEngine(): AutoEngine {
  const reason = whyNoEngine('epoll');
  return reason === undefined ? { kind: 'epoll' } : { kind: 'net', reason };
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
  const { kind, reason } = autoEngine();
  const threads = threadsOf({});
  const many = `${kind === 'net' ? 'up to ' : ''}${threads} thread${threads === 1 ? '' : 's'}`;
  return `engine ${kind}, ${many}${reason === undefined ? '' : `; epoll cannot run here: ${reason}`}`;
}
