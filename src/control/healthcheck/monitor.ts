import { isDeepStrictEqual } from 'node:util';

import type { Health } from '../../core/healthcheck.ts';
import type { Dialer } from '../../io/dialer.ts';
import { Checker, type CheckerTools, type CheckPlan, type Watched } from './checker.ts';
import { createHealthcheck, type HealthcheckConfig } from './registry.ts';
import { spread } from './spread.ts';

export type { CheckerTools, HealthEvents, Watched } from './checker.ts';
export { checkHeader } from './check-header.ts';
export { checkLimit } from './limits.ts';

export interface MonitorTools extends CheckerTools {
  readonly dialer: Dialer;
}

/** Keeps an eye on the backends of one server. */
export class HealthMonitor {
  readonly #tools: MonitorTools;
  readonly #create: typeof createHealthcheck;
  readonly #checkers = new Map<string, Checker>();
  #plan: CheckPlan;
  #isStopped = false;

  constructor(config: HealthcheckConfig, tools: MonitorTools, create = createHealthcheck) {
    this.#tools = tools;
    this.#create = create;
    this.#plan = this.#planOf(config);
  }

  /** Takes over a whole list: who is new is checked from now on, who is gone no more, and the others do not notice. */
  watch(backends: readonly Watched[]): void {
    if (this.#isStopped) return;
    const listed = new Map(backends.map((backend) => [backend.key, backend]));
    for (const [key, checker] of this.#checkers) {
      if (listed.has(key)) continue;
      this.#checkers.delete(key);
      checker.stop();
    }
    const added = [...listed.values()].filter(({ key }) => !this.#checkers.has(key));
    const checkers = added.map((backend) => new Checker(backend, this.#plan, this.#tools));
    for (const [index, { key }] of added.entries()) this.#checkers.set(key, checkers[index] as Checker);
    this.#start(checkers);
  }

  /** The addresses of a backend that is perhaps watched are others than before. */
  moved(key: string): void {
    this.#checkers.get(key)?.moved();
  }

  /** What is known of a backend; nothing when it is not watched, or when nothing is checked. */
  health(key: string): Health | undefined {
    return this.#plan.check === undefined ? undefined : this.#checkers.get(key)?.health;
  }

  /** Another configuration, or the same. What is known of the backends stays known, and so does when each was checked. */
  reconfigure(config: HealthcheckConfig): void {
    if (this.#isStopped || isDeepStrictEqual(config, this.#plan.config)) return;
    this.#plan = this.#planOf(config);
    this.#start([...this.#checkers.values()].filter((checker) => checker.follow(this.#plan)));
  }

  /** Ends every check. Nothing is told any more. */
  stop(): void {
    this.#isStopped = true;
    for (const checker of this.#checkers.values()) checker.stop();
    this.#checkers.clear();
  }

  #planOf(config: HealthcheckConfig): CheckPlan {
    return config.kind === 'none' ? { config } : { config, check: this.#create(config, this.#tools) };
  }

  #start(checkers: readonly Checker[]): void {
    const { config, check } = this.#plan;
    if (check === undefined) return;
    const times = spread(checkers.length, config.intervalMs, this.#tools.random);
    for (const [index, checker] of checkers.entries()) checker.start(times[index] ?? 0);
  }
}
