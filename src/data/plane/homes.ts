import { isUdp } from '../../core/address.ts';
import type { EngineKind } from '../engines/registry.ts';
import type { Placement, WantedBind } from './placement.ts';

/**
 * The threads that binds of UDP were on. Where a bind was given up, its thread may have its socket open still, for the
 * sessions that live: should a server want the bind again, only that thread can open it.
 */
export class Homes<Thread extends { readonly engine: EngineKind }> {
  readonly #homes = new Map<string, Thread>();

  /** These binds are there from now on. */
  note(binds: readonly WantedBind[], places: Placement<Thread>): void {
    for (const { bind, address } of binds) {
      const [thread] = places.get(bind) ?? [];
      if (isUdp(address) && thread !== undefined) this.#homes.set(bind, thread);
    }
  }

  threadDied(thread: Thread): void {
    for (const [bind, home] of this.#homes) if (home === thread) this.#homes.delete(bind);
  }

  /** A placement, and beside it where wanted binds were that it lacks. */
  with(current: Placement<Thread>, wanted: readonly WantedBind[]): Placement<Thread> {
    const all = new Map(current);
    for (const { bind, engine } of wanted) {
      const home = this.#homes.get(bind);
      if (home?.engine === engine && (all.get(bind) ?? []).length === 0) all.set(bind, [home]);
    }
    return all;
  }
}
