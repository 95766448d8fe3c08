import type { PoolEvent } from '../control/pool/events.ts';
import type { BackendEvent } from '../core/events.ts';
import type { News } from './event-hub.ts';

/** What befalls the backends of a server, for those who look on. Trials that go on and on are told once. */
export class PoolNews {
  readonly #server: string;
  readonly #tell: (news: News) => void;
  /** Backends of which it is told that they are tried. */
  readonly #tried = new Set<string>();

  constructor(server: string, tell: (news: News) => void) {
    this.#server = server;
    this.#tell = tell;
  }

  heard(event: PoolEvent): void {
    const server = this.#server;
    switch (event.type) {
      case 'unresolved':
        return this.#say(event, event.error.message);
      case 'down':
      case 'up':
        return this.#say(event, event.health.reason);
      case 'aside':
        if (!event.isNews) return;
        this.#tried.delete(event.backend);
        return this.#say(event, event.code);
      case 'trial':
        if (this.#tried.has(event.backend)) return;
        this.#tried.add(event.backend);
        return this.#say(event, 'one client may try it');
      case 'readmitted':
        this.#tried.delete(event.backend);
        return this.#say(event, 'it gets clients again');
      case 'state':
        return this.#say(event, `${event.state} by ${event.isByHand ? 'hand' : 'list'}`);
      case 'all-aside':
      case 'panic':
      case 'panic-over':
        return this.#tell({ type: 'server', server, what: event.type });
      default:
        return event satisfies never;
    }
  }

  #say({ type, backend }: Extract<PoolEvent, { backend: string }>, reason: string): void {
    const what: BackendEvent['what'] = type;
    this.#tell({ type: 'backend', server: this.#server, backend, what, reason: reason.replaceAll(/\s+/g, ' ') });
  }
}
