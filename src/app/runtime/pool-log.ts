import type { PoolEvent } from '../../control/pool/events.ts';
import type { Logger } from '../../log/log.ts';

/** Logs what happens to the backends of a server, as a warning where an operator may have to act. */
export function logPoolEvent(log: Logger, server: string, event: PoolEvent): void {
  switch (event.type) {
    case 'unresolved':
      return log.warn({ server, backend: event.backend, err: event.error }, 'backend name not resolved');
    case 'down': {
      const { reason, durationMs } = event.health;
      return log.warn({ server, backend: event.backend, reason, durationMs: tenths(durationMs) }, 'backend down');
    }
    case 'up': {
      const { reason, durationMs } = event.health;
      return log.info({ server, backend: event.backend, reason, durationMs: tenths(durationMs) }, 'backend up');
    }
    case 'ejected': {
      const { backend, code, failTimeoutMs, isFirst } = event;
      return log[isFirst ? 'warn' : 'debug']({ server, backend, reason: code, failTimeoutMs }, 'backend ejected');
    }
    case 'probing':
      return log.debug({ server, backend: event.backend }, 'backend probing');
    case 'restored':
      return log.info({ server, backend: event.backend }, 'backend restored');
    case 'all-ejected':
      return log.warn({ server }, 'all backends ejected: all are tried again');
    case 'state': {
      const { backend, state, isOverride } = event;
      return log.info({ server, backend, state, by: isOverride ? 'override' : 'list' }, 'backend state changed');
    }
    case 'panic':
      return log.warn({ server, live: event.live, backends: event.backends }, 'panic: checks are ignored');
    case 'panic-over':
      return log.info({ server, live: event.live, backends: event.backends }, 'panic is over');
    default:
      return event satisfies never;
  }
}

/** In tenths of a millisecond, as in the access log. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
