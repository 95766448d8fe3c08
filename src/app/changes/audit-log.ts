import type { Actor } from '../../core/steering.ts';
import type { Logger } from '../../log/log.ts';
import type { NewEvent } from '../runtime/event-hub.ts';

/** A change, and the client that asked for it. */
export interface Change {
  readonly by: Actor;
  /** One line for people: `draining web/127.0.0.1:80`. */
  readonly what: string;
  readonly [field: string]: unknown;
}

/** Reports what was changed while tslb runs, and by which client: to the log and as an event. */
export class AuditLog {
  readonly #log: Logger;
  readonly #tell: (event: NewEvent) => void;

  constructor(log: Logger, tell: (event: NewEvent) => void) {
    this.#log = log;
    this.#tell = tell;
  }

  /** Whether the log has level info. */
  get isLogged(): boolean {
    return this.#log.isLevelEnabled('info');
  }

  info({ what, ...fields }: Change, message: string): void {
    this.#log.info(fields, message);
    this.#tell({ type: 'changed', by: actorText(fields.by), what });
  }
}

/** `ann at 192.0.2.7:50312`, as far as it is known. */
function actorText({ via, login, client }: Actor): string {
  return client === undefined ? (login ?? via) : `${login ?? via} at ${client}`;
}
