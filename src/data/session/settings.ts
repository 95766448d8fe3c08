import type { AccessRules } from '../../access/rules.ts';
import type { IdleTimeouts } from '../../core/engine.ts';
import type { Limits } from '../../core/limits.ts';
import type { ServerSpec } from '../protocol/messages.ts';

/** The options of a server that its connections go by, as the configuration in force has them. */
export class ServerSettings {
  #access: AccessRules;
  #limits: Limits;
  #idleTimeouts: IdleTimeouts;

  constructor({ access, limits }: ServerSpec) {
    this.#access = access;
    this.#limits = limits;
    this.#idleTimeouts = idleTimeoutsOf(limits);
  }

  reconfigure({ access, limits }: ServerSpec): void {
    this.#access = access;
    this.#limits = limits;
    this.#idleTimeouts = idleTimeoutsOf(limits);
  }

  get access(): AccessRules {
    return this.#access;
  }

  get limits(): Limits {
    return this.#limits;
  }

  /** A connection keeps those that it begins to relay with. */
  get idleTimeouts(): IdleTimeouts {
    return this.#idleTimeouts;
  }
}

function idleTimeoutsOf({ clientIdleMs, backendIdleMs }: Limits): IdleTimeouts {
  return { clientMs: clientIdleMs, backendMs: backendIdleMs };
}
