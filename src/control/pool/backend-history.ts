import type { UnavailableReason } from '../../core/backend-status.ts';
import type { Clock } from '../../core/clock.ts';
import type { Backend } from './backend.ts';
import type { PoolEvent } from './events.ts';

/** What has happened to one backend since it was first listed. Times are in milliseconds since the epoch. */
export interface History {
  readonly since: number;
  /** When it last began or stopped getting clients. */
  changedAt: number;
  /** How often it went down or was ejected. */
  downs: number;
  getsClients: boolean;
}

/** What has happened to the backends of a server since they were first listed. */
export class BackendHistory {
  readonly #clock: Clock;
  readonly #histories = new WeakMap<Backend, History>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(backend: Backend): History {
    let history = this.#histories.get(backend);
    if (history === undefined) {
      const now = this.#clock.date();
      history = { since: now, changedAt: now, downs: 0, getsClients: false };
      this.#histories.set(backend, history);
    }
    return history;
  }

  /** To be called whenever the backend may have begun or stopped getting clients. */
  note(backend: Backend, reason: UnavailableReason | undefined): void {
    const history = this.of(backend);
    const getsClients = reason === undefined;
    if (getsClients === history.getsClients) return;
    history.getsClients = getsClients;
    history.changedAt = this.#clock.date();
  }

  /** Counts the events that make a backend unavailable. */
  count(backend: Backend, event: PoolEvent): void {
    if (event.type === 'down' || (event.type === 'ejected' && event.isFirst)) this.of(backend).downs += 1;
  }

  /** Counts from 0 again. */
  reset(backends: Iterable<Backend>): void {
    for (const backend of backends) this.of(backend).downs = 0;
  }
}
