import type { Checks } from '../../../src/control/pool/health-gate.ts';
import type { Health } from '../../../src/core/healthcheck.ts';

/** Checks whose results the test gives. */
export class FakeChecks implements Checks {
  /** Who is checked, by key. */
  watched: readonly string[] = [];
  /** Told of each change, as the monitor tells it. */
  changed: (key: string, health: Health) => void = () => undefined;
  readonly #initial: Health;
  readonly #known = new Map<string, Health>();

  constructor({ isLive }: { readonly isLive: boolean } = { isLive: true }) {
    this.#initial = { isLive, state: 'unchecked', reason: 'not checked yet', consecutive: 0, durationMs: 0 };
  }

  /** Who has moved, by key. */
  readonly hasMoved: string[] = [];

  moved(key: string): void {
    this.hasMoved.push(key);
  }

  watch(backends: readonly { readonly key: string }[]): void {
    this.watched = backends.map(({ key }) => key);
    for (const key of this.#known.keys()) {
      if (!this.watched.includes(key)) this.#known.delete(key);
    }
  }

  health(key: string): Health | undefined {
    return this.watched.includes(key) ? (this.#known.get(key) ?? this.#initial) : undefined;
  }

  /** A check ends. Of a backend that nobody checks there is none. */
  find(key: string, isLive: boolean): void {
    const before = this.health(key);
    if (before === undefined) return;
    const reason = isLive ? 'passed' : 'refused';
    const health: Health = { isLive, state: isLive ? 'up' : 'down', reason, consecutive: 1, durationMs: 3 };
    this.#known.set(key, health);
    const isFoundDown = before.state === 'unchecked' && !isLive;
    if (isFoundDown || before.isLive !== isLive) this.changed(key, health);
  }
}
