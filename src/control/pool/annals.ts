import type { UnavailableReason } from '../../core/backend-status.ts';
import type { Clock } from '../../core/clock.ts';
import type { Backend } from './backend.ts';
import type { PoolEvent } from './events.ts';

/** What has become of one backend since it was first listed. Times are in milliseconds since the epoch. */
export interface Annal {
  readonly since: number;
  /** When it last began or stopped getting clients. */
  changedAt: number;
  /** How often it went down or was ejected. */
  downs: number;
  getsClients: boolean;
}

/** What has become of the backends of a server. */
export class Annals {
  readonly #clock: Clock;
  readonly #annals = new WeakMap<Backend, Annal>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(backend: Backend): Annal {
    let annal = this.#annals.get(backend);
    if (annal === undefined) {
      const now = this.#clock.date();
      annal = { since: now, changedAt: now, downs: 0, getsClients: false };
      this.#annals.set(backend, annal);
    }
    return annal;
  }

  /** To be called whenever it may have begun or ceased to get clients. */
  note(backend: Backend, obstacle: UnavailableReason | undefined): void {
    const annal = this.of(backend);
    const getsClients = obstacle === undefined;
    if (getsClients === annal.getsClients) return;
    annal.getsClients = getsClients;
    annal.changedAt = this.#clock.date();
  }

  /** Something befell it. */
  count(backend: Backend, event: PoolEvent): void {
    if (event.type === 'down' || (event.type === 'ejected' && event.isNews)) this.of(backend).downs += 1;
  }

  /** Counts from 0 again. */
  reset(backends: Iterable<Backend>): void {
    for (const backend of backends) this.of(backend).downs = 0;
  }
}
