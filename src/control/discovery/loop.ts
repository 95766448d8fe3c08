import { NO_OVERRIDES, overridden } from '../../core/backend-overrides.ts';
import { type BackendSpec, MOST_BACKENDS } from '../../core/backend.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Discovery } from '../../core/discovery.ts';
import { asError } from '../../core/errors.ts';
import type { DiscoverySettings } from './kind.ts';

export { type FetchLimit, fetchLimit } from './limits.ts';

/** After a failure the next fetch comes so soon, whatever the interval (gobetween.md 6.1). */
const RETRY_MS = 2_000;

export interface DiscoveryEvents {
  readonly found: (backends: readonly BackendSpec[]) => void;
  readonly failed: (error: Error) => void;
}

export interface LoopTools {
  readonly clock: Clock;
  /** Runs a fetch when there is room for one more; its time begins then. */
  readonly limit: <Value>(run: () => Promise<Value>) => Promise<Value>;
}

/** Asks a source again and again, one fetch at a time, and applies the fail policy. */
export class DiscoveryLoop {
  readonly #source: Discovery;
  readonly #settings: DiscoverySettings;
  readonly #events: DiscoveryEvents;
  readonly #clock: Clock;
  readonly #limit: LoopTools['limit'];
  readonly #stopped = new AbortController();
  #timer: Timer | undefined;

  constructor(source: Discovery, settings: DiscoverySettings, { clock, limit }: LoopTools, events: DiscoveryEvents) {
    this.#source = source;
    this.#settings = settings;
    this.#clock = clock;
    this.#limit = limit;
    this.#events = events;
  }

  /** Resolves after the first fetch, however it ended. */
  async start(): Promise<void> {
    await this.#fetch();
  }

  stop(): void {
    this.#stopped.abort();
    this.#timer?.cancel();
  }

  async #fetch(): Promise<void> {
    const { intervalMs, failpolicy } = this.#settings;
    const answer = await this.#limit(() => this.#ask());
    if (this.#stopped.signal.aborted) return;
    const fault = answer instanceof Error ? answer : this.#tell(answer);
    if (fault === undefined) {
      if (intervalMs > 0) this.#again(intervalMs);
      return;
    }
    this.#events.failed(fault);
    if (failpolicy === 'setempty') this.#tell([]);
    this.#again(RETRY_MS);
  }

  /** @returns why the list cannot be taken over */
  #tell(found: readonly BackendSpec[]): Error | undefined {
    const backends = overridden(this.#settings.overrides ?? NO_OVERRIDES, found);
    if (backends.length > MOST_BACKENDS) return new Error(`${backends.length} backends, more than ${MOST_BACKENDS}`);
    try {
      this.#events.found(backends);
      return undefined;
    } catch (thrown) {
      return asError(thrown);
    }
  }

  async #ask(): Promise<readonly BackendSpec[] | Error> {
    const { timeoutMs } = this.#settings;
    const late = new AbortController();
    const timer = timeoutMs > 0 ? this.#clock.after(timeoutMs, () => late.abort()) : undefined;
    const signal = AbortSignal.any([this.#stopped.signal, late.signal]);
    try {
      signal.throwIfAborted();
      return await this.#source.discover(signal);
    } catch (thrown) {
      const error = asError(thrown);
      return late.signal.aborted ? new Error(`no list within ${timeoutMs} ms: ${error.message}`) : error;
    } finally {
      timer?.cancel();
    }
  }

  #again(ms: number): void {
    this.#timer = this.#clock.after(ms, () => void this.#fetch());
  }
}
