import type { Greeting, NamedAddress, SocketAddress } from '../../core/address.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Health, Healthcheck, HealthState } from '../../core/healthcheck.ts';
import type { SendProxy } from '../../core/proxy-protocol.ts';
import type { Random } from '../../core/random.ts';
import type { CheckedBackend } from './check-header.ts';
import { type Finding, findingOf, PASSED } from './finding.ts';
import type { CheckLimit } from './limits.ts';
import type { HealthcheckConfig } from './registry.ts';
import { afterResult, isChanging, type RiseFall, unchecked } from './rise-fall.ts';
import { jittered } from './spread.ts';

/** How backends are checked, until a reload brings another plan. */
export interface CheckPlan {
  readonly config: HealthcheckConfig;
  /** Absent where nothing is checked. */
  readonly check?: Healthcheck;
}

export interface HealthEvents {
  /** It has gone up or down, or is found down by the first check; the reason is in what is known of it. */
  readonly changed: (key: string, health: Health) => void;
  /** A check has ended, whatever came of it. */
  readonly checked?: (key: string, health: Health, finding: Finding) => void;
}

export interface CheckerTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly limit: CheckLimit;
  readonly events: HealthEvents;
  readonly greeting?: (backend: CheckedBackend) => Greeting | undefined;
}

export interface Watched {
  /** Identity of the backend (core/backend.ts). */
  readonly key: string;
  readonly target: NamedAddress;
  /** Where its clients are sent at this moment; undefined until its name was resolved. */
  readonly addresses: () => readonly SocketAddress[] | undefined;
  /** The header that its clients are sent with; undefined where its server says. */
  readonly sendProxy?: () => SendProxy | undefined;
}

type LastCheck = Pick<Health, 'reason' | 'durationMs' | 'checkedAt'>;

const NOT_YET: LastCheck = { reason: 'not checked yet', durationMs: 0 };
const UNRESOLVED: LastCheck = { reason: 'the name is not resolved yet', durationMs: 0 };
const NEVER: LastCheck = { reason: 'not checked', durationMs: 0 };

/** Why a check was aborted that took too long. */
const LATE = Symbol('late');
/** Why a check was aborted that asked where clients do not go any more. */
const MOVED = Symbol('moved');

/** A timer that is later than that was kept waiting by this thread, and so perhaps was the answer. */
const MOST_DELAY_MS = 50;

/** Checks one backend again and again, one check at a time. */
export class Checker {
  readonly #backend: Watched;
  readonly #tools: CheckerTools;
  #plan: CheckPlan;
  #state: RiseFall;
  #last: LastCheck;
  #startedAt: number | undefined;
  /** Of the check that the timer waits for. */
  #dueAt: number | undefined;
  #timer: Timer | undefined;
  /** Waits for room among the checks of others. */
  #isQueued = false;
  #running: AbortController | undefined;
  /** It is due, and has no address to go to. */
  #waitsForName = false;
  /** The last check was ended because the backend had moved: the one after it is not, or none would ever end. */
  #wasDropped = false;
  /** It has moved since the check that runs was begun. */
  #hasMoved = false;
  #isStopped = false;

  constructor(backend: Watched, plan: CheckPlan, tools: CheckerTools) {
    this.#backend = backend;
    this.#plan = plan;
    this.#tools = tools;
    this.#state = unchecked(plan.check === undefined || plan.config.initialStatus === 'healthy');
    this.#last = plan.check === undefined ? NEVER : NOT_YET;
  }

  get health(): Health {
    const { isLive, consecutive } = this.#state;
    return { isLive, state: stateOf(this.#state), consecutive, ...this.#last };
  }

  /** Sets the time of the next check, which those that follow go by. */
  start(inMs: number): void {
    this.#timer?.cancel();
    this.#dueAt = this.#tools.clock.now() + inMs;
    this.#timer = this.#tools.clock.after(inMs, () => this.#enqueue());
  }

  /**
   * Goes on by another plan, with what is known. The pace is kept: the next check comes an interval after the start of
   * the last one, also when that is ended here and its result dropped.
   * @returns true when a check is due already, for which the caller finds a time
   */
  follow(plan: CheckPlan): boolean {
    const wasChecked = this.#plan.check !== undefined;
    this.#plan = plan;
    this.#running?.abort();
    if (plan.check === undefined) {
      this.#rest();
      return false;
    }
    if (!wasChecked) this.#last = NOT_YET;
    if (this.#isQueued || this.#running !== undefined) return false;
    const now = this.#tools.clock.now();
    const dueAt = this.#startedAt === undefined ? this.#firstDueAt(now) : this.#nextAt(this.#startedAt);
    if (dueAt === undefined || dueAt <= now) return true;
    this.start(dueAt - now);
    return false;
  }

  /** It is at other addresses: what the check that runs finds at the old ones is dropped, and the next comes at once. */
  moved(): void {
    if (!this.#goesOn()) return;
    if (this.#running !== undefined) {
      this.#hasMoved = true;
      if (!this.#wasDropped) this.#running.abort(MOVED);
    } else if (this.#waitsForName || (this.#startedAt !== undefined && !this.#isQueued)) {
      this.#waitsForName = false;
      this.start(0);
    }
  }

  /** Ends the check that runs; nothing is told of it. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#running?.abort();
  }

  /** The time that was set already, unless the interval has become too short for it. */
  #firstDueAt(now: number): number | undefined {
    const isNear = this.#dueAt !== undefined && this.#dueAt <= now + this.#plan.config.intervalMs;
    return isNear ? this.#dueAt : undefined;
  }

  /** Stops checking: a backend that is not checked counts as healthy. */
  #rest(): void {
    const wasLive = this.#state.isLive;
    this.#timer?.cancel();
    this.#dueAt = undefined;
    this.#state = unchecked(true);
    this.#last = NEVER;
    if (!wasLive) this.#tools.events.changed(this.#backend.key, this.health);
  }

  #enqueue(): void {
    this.#isQueued = true;
    void this.#tools.limit(() => this.#run(), this.#plan.config.kind);
  }

  async #run(): Promise<void> {
    this.#isQueued = false;
    const plan = this.#plan;
    const addresses = this.#backend.addresses();
    if (!this.#goesOn() || plan.check === undefined) return;
    if (addresses === undefined) {
      this.#waitsForName = true;
      if (this.#last === NOT_YET) this.#last = UNRESOLVED;
      return;
    }
    const startedAt = this.#tools.clock.now();
    this.#startedAt = startedAt;
    const finding = await this.#find(plan, addresses);
    if (!this.#goesOn()) return;
    // What was found by another plan than the one in force is dropped.
    if (this.#plan === plan && this.#isOfNow(finding)) this.#learn(finding, startedAt);
    const now = this.#tools.clock.now();
    this.start(this.#hasMoved ? 0 : Math.max(0, this.#nextAt(startedAt) - now));
  }

  /** Whether it was found where clients are sent; a check that passed after its backend had moved passed. */
  #isOfNow({ outcome }: Finding): boolean {
    const isOfNow = !this.#hasMoved || (this.#wasDropped && outcome === 'passed');
    this.#wasDropped = this.#hasMoved && !this.#wasDropped;
    return isOfNow;
  }

  #goesOn(): boolean {
    return !this.#isStopped && this.#plan.check !== undefined;
  }

  async #find(
    { check, config: { timeoutMs, port } }: CheckPlan,
    addresses: readonly SocketAddress[],
  ): Promise<Finding> {
    const running = new AbortController();
    this.#running = running;
    this.#hasMoved = false;
    const limit = this.#within(timeoutMs, () => running.abort(LATE));
    try {
      const { target, sendProxy } = this.#backend;
      const greeting = this.#tools.greeting?.({ sendProxy: sendProxy?.(), hasOwnPort: port !== undefined });
      await check?.check({ target, addresses, greeting }, running.signal);
      return PASSED;
    } catch (thrown) {
      return findingOf(thrown, running.signal.reason === LATE ? timeoutMs : undefined);
    } finally {
      limit.cancel();
      this.#running = undefined;
    }
  }

  /** Where this thread was stopped or busy itself, the time begins once more: that is no fault of the backend. */
  #within(timeoutMs: number, expired: () => void): Timer {
    const { clock } = this.#tools;
    const dueAt = clock.now() + timeoutMs;
    let timer = clock.after(timeoutMs, () => {
      if (clock.now() - dueAt <= MOST_DELAY_MS) expired();
      else timer = clock.after(timeoutMs, expired);
    });
    return { cancel: () => timer.cancel() };
  }

  #learn(finding: Finding, startedAt: number): void {
    const { outcome, reason } = finding;
    const { clock, events } = this.#tools;
    const { key } = this.#backend;
    const before = this.#state;
    const durationMs = clock.now() - startedAt;
    if (outcome !== 'inconclusive') this.#state = afterResult(before, outcome === 'passed', this.#plan.config);
    this.#last = { reason, durationMs, checkedAt: clock.date() };
    events.checked?.(key, this.health, finding);
    // Who was not checked yet and counts as down is found down by the first check that fails.
    const isFoundDown = before.consecutive === 0 && this.#state.consecutive > 0 && !this.#state.isLive;
    if (isFoundDown || this.#state.isLive !== before.isLive) events.changed(key, this.health);
  }

  #nextAt(startedAt: number): number {
    const { intervalMs, fastIntervalMs } = this.#plan.config;
    return startedAt + jittered(isChanging(this.#state) ? fastIntervalMs : intervalMs, this.#tools.random);
  }
}

function stateOf(state: RiseFall): HealthState {
  if (state.consecutive === 0) return 'unchecked';
  if (isChanging(state)) return state.isLive ? 'falling' : 'rising';
  return state.isLive ? 'up' : 'down';
}
