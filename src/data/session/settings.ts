import type { AccessRules } from '../../access/rules.ts';
import type { RelayLimits } from '../../core/engine.ts';
import type { Limits } from '../../core/limits.ts';
import type { ServerSpec } from '../protocol/messages.ts';
import { Sources } from './sources.ts';

/** The options of a server that its connections go by, as the configuration in force has them. */
export class ServerSettings {
  #access: AccessRules;
  #limits: Limits;
  #relayLimits: RelayLimits;
  #sources: Sources;

  constructor({ access, limits }: ServerSpec) {
    this.#access = access;
    this.#limits = limits;
    this.#relayLimits = relayLimitsOf(limits);
    this.#sources = new Sources(limits.sourceAddresses);
  }

  reconfigure({ access, limits }: ServerSpec): void {
    this.#access = access;
    this.#limits = limits;
    this.#relayLimits = relayLimitsOf(limits);
    this.#sources = new Sources(limits.sourceAddresses);
  }

  get access(): AccessRules {
    return this.#access;
  }

  get limits(): Limits {
    return this.#limits;
  }

  get sources(): Sources {
    return this.#sources;
  }

  /** A connection keeps those that it begins to relay with. */
  get relayLimits(): RelayLimits {
    return this.#relayLimits;
  }
}

function relayLimitsOf(limits: Limits): RelayLimits {
  return Object.freeze<RelayLimits>({
    client: Object.freeze({ idleMs: limits.clientIdleMs, finMs: limits.clientFinMs }),
    backend: Object.freeze({ idleMs: limits.backendIdleMs, finMs: limits.backendFinMs }),
    unacknowledgedMs: limits.unacknowledgedMs,
    keepAlive: Object.freeze(limits.keepAlive),
    ...(limits.udp !== undefined && { datagrams: limits.udp }),
  });
}
