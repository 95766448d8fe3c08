import type { PoolSettings } from '../../../src/control/pool/settings.ts';
import type { BackendOverride } from '../../../src/core/backend-overrides.ts';
import type { UnavailableReason } from '../../../src/core/backend-status.ts';
import type { BackendSpec, BackendState } from '../../../src/core/backend.ts';

/** What a candidate is to look like. */
export interface Expected {
  readonly weight: number;
  readonly maxConnections: number;
  readonly maxFails: number;
  readonly isInUse: boolean;
}

interface Known {
  spec: BackendSpec;
  isListed: boolean;
  isLive: boolean;
  /** As after the step before; undefined before the first. */
  wasFit: boolean | undefined;
  wasServing: boolean;
  wasDown: boolean | undefined;
  failures: number;
  /** When failures are forgotten. */
  forgetAt: number;
  /** When it may be tried; undefined while it gets clients. */
  ejectedUntil: number | undefined;
  startedAt: number | undefined;
}

/** The rules of the pool, one host at a time and with no thought of cost: what it is to publish after each step. */
export class PoolOracle {
  settings: PoolSettings;
  /** Hosts whose connections were to be cut, in order. */
  readonly closed: string[] = [];
  readonly #known = new Map<string, Known>();
  #found: ReadonlyMap<string, BackendSpec> = new Map();
  /** The overrides of the backends, by key. */
  readonly #overrides = new Map<string, BackendOverride>();
  readonly #added = new Map<string, BackendSpec>();
  readonly #removed = new Set<string>();
  #isPanic = false;
  #now = 0;

  constructor(settings: PoolSettings) {
    this.settings = settings;
  }

  update(specs: ReadonlyMap<string, BackendSpec>): void {
    this.#relist(() => (this.#found = specs));
  }

  override(host: string, values: BackendOverride): void {
    this.#relist(() => this.#overrides.set(host, values));
  }

  add(host: string, spec: BackendSpec): void {
    this.#relist(() => {
      this.#removed.delete(host);
      this.#added.set(host, spec);
    });
  }

  remove(host: string): void {
    this.#relist(() => {
      this.#added.delete(host);
      this.#removed.add(host);
    });
  }

  /** No thread has those any more that left, and they have no connections. */
  forget(): void {
    for (const [host, { isListed }] of this.#known) {
      if (!isListed) this.#known.delete(host);
    }
  }

  configure(settings: PoolSettings): void {
    for (const known of this.#known.values()) {
      if (this.#share(known, this.#now) === 1) known.startedAt = undefined;
    }
    this.settings = settings;
    for (const known of this.#known.values()) {
      if (this.#maxFails(known) === 0) admit(known);
    }
    this.#settle();
  }

  check(host: string, isLive: boolean): void {
    const known = this.#known.get(host);
    if (known?.isListed !== true || this.#stateOf(host, known) === 'disabled') return;
    known.isLive = isLive;
    this.#settle();
  }

  fail(host: string): void {
    const known = this.#known.get(host) as Known;
    const most = this.#maxFails(known);
    if (most === 0 || known.ejectedUntil !== undefined) return;
    known.failures += 1;
    if (known.failures >= most) known.ejectedUntil = this.#now + this.#failTimeoutMs(known);
    else if (known.failures === 1) known.forgetAt = this.#now + this.#failTimeoutMs(known);
    this.#rescue();
  }

  takeProbe(host: string, isWell: boolean): void {
    const known = this.#known.get(host) as Known;
    const most = this.#maxFails(known);
    if (known.ejectedUntil === undefined || known.ejectedUntil > this.#now) return;
    known.ejectedUntil = isWell ? undefined : this.#now + this.#failTimeoutMs(known);
    if (!isWell) return this.#rescue();
    known.failures = most - 1;
    known.forgetAt = this.#now + this.#failTimeoutMs(known);
    known.startedAt = this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const known of this.#known.values()) {
      if (known.ejectedUntil === undefined && known.forgetAt <= this.#now) known.failures = 0;
    }
  }

  /** Who gets clients, by host. @param at when the shares were told */
  expected(at: number): ReadonlyMap<string, Expected> {
    const serving = [...this.#known].filter(([, { wasServing }]) => wasServing);
    const isSlow = serving.some(([, known]) => this.#share(known, at) < 1);
    return new Map(
      serving.map(([host, known]) => {
        const share = this.#share(known, at);
        const { weight, maxConnections } = { ...known.spec, ...this.#overrides.get(host) };
        return [
          host,
          {
            weight: weight === 0 ? 0 : Math.max(1, Math.floor(weight * (isSlow ? 100 : 1) * share)),
            maxConnections: maxConnections === 0 ? 0 : Math.max(1, Math.floor(maxConnections * share)),
            maxFails: this.#maxFails(known),
            isInUse: known.ejectedUntil === undefined,
          },
        ];
      }),
    );
  }

  isStarting(): boolean {
    return [...this.#known.values()].some((known) => this.#share(known, this.#now) < 1);
  }

  /** Why each gets no clients. */
  obstacles(): ReadonlyMap<string, UnavailableReason | undefined> {
    return new Map([...this.#known].map(([host, known]) => [host, this.#obstacle(host, known)]));
  }

  #obstacle(host: string, known: Known): UnavailableReason | undefined {
    const state = this.#stateOf(host, known);
    if (!known.isListed) return 'removed';
    if (state !== 'enabled') return state;
    if (!known.wasServing) return 'down';
    return known.ejectedUntil === undefined ? undefined : 'ejected';
  }

  /** Another list, or another override. */
  #relist(change: () => void): void {
    const isWatched = ([host, known]: [string, Known]) => known.isListed && this.#stateOf(host, known) !== 'disabled';
    const watched = new Set([...this.#known].filter(isWatched).map(([host]) => host));
    change();
    const specs = new Map([...this.#found, ...this.#added].filter(([host]) => !this.#removed.has(host)));
    for (const [host, spec] of specs) {
      const known = this.#known.get(host) ?? newcomer(spec);
      // Whoever was not checked meanwhile begins anew.
      if (!watched.has(host)) known.isLive = true;
      this.#known.set(host, Object.assign(known, { spec, isListed: true }));
      if (this.#maxFails(known) === 0) admit(known);
    }
    for (const [host, known] of this.#known) known.isListed = specs.has(host);
    this.#settle();
  }

  #settle(): void {
    const enabled = [...this.#known].filter(
      ([host, known]) => known.isListed && this.#stateOf(host, known) === 'enabled',
    );
    const live = enabled.filter(([, { isLive }]) => isLive).length;
    const wasPanic = this.#isPanic;
    this.#isPanic = enabled.length > 0 && (live / enabled.length) * 100 < this.settings.panicThreshold;
    for (const [host, known] of this.#known) this.#follow(host, known);
    if (this.#isPanic && !wasPanic) for (const known of this.#known.values()) admit(known);
    this.#rescue();
  }

  #follow(host: string, known: Known): void {
    const state = this.#stateOf(host, known);
    const isServing = known.isListed && state === 'enabled' && (known.isLive || this.#isPanic);
    if (isServing !== known.wasServing) admit(known);
    if (!isServing) known.startedAt = undefined;
    if (known.isListed) {
      const isFit = state === 'enabled' && known.isLive;
      if (isFit && known.wasFit === false && !known.wasServing) known.startedAt = this.#now;
      known.wasFit = isFit;
      const isDown = state === 'disabled' || (!known.isLive && !this.#isPanic);
      if (isDown && known.wasDown === false && this.settings.closesOnDown) this.closed.push(host);
      known.wasDown = isDown;
    }
    known.wasServing = isServing;
  }

  #rescue(): void {
    const serving = [...this.#known.values()].filter(({ wasServing }) => wasServing);
    const isNobodyLeft = serving.every(({ ejectedUntil }) => ejectedUntil !== undefined);
    if (isNobodyLeft && !this.settings.queuesWhenDown) serving.forEach(admit);
  }

  #stateOf(host: string, { spec }: Known): BackendState {
    return this.#overrides.get(host)?.state ?? spec.state ?? 'enabled';
  }

  #maxFails({ spec }: Known): number {
    return this.#isPanic ? 0 : (spec.maxFails ?? this.settings.maxFails);
  }

  #failTimeoutMs({ spec }: Known): number {
    return spec.failTimeoutMs ?? this.settings.failTimeoutMs;
  }

  #share({ startedAt }: Known, at: number): number {
    const { slowStartMs } = this.settings;
    if (startedAt === undefined || slowStartMs === 0) return 1;
    return Math.min(1, Math.max(0.05, (at - startedAt) / slowStartMs));
  }
}

function newcomer(spec: BackendSpec): Known {
  return {
    spec,
    isListed: true,
    isLive: true,
    wasFit: undefined,
    wasServing: false,
    wasDown: undefined,
    failures: 0,
    forgetAt: 0,
    ejectedUntil: undefined,
    startedAt: undefined,
  };
}

function admit(known: Known): void {
  known.failures = 0;
  known.ejectedUntil = undefined;
}
