import type { PoolEvent } from '../../control/pool/events.ts';
import type { NewEvent } from './event-hub.ts';

/** The public event of a pool's event; undefined where there is none. */
export function eventOf(server: string, event: PoolEvent): NewEvent | undefined {
  switch (event.type) {
    case 'unresolved':
      return ofBackend(server, event, event.error.message);
    case 'down':
    case 'up':
      return ofBackend(server, event, event.health.reason);
    case 'ejected':
      return event.isFirst ? ofBackend(server, event, event.code) : undefined;
    case 'probing':
      return event.isFirst ? ofBackend(server, event, 'one client may try it') : undefined;
    case 'restored':
      return ofBackend(server, event, 'it gets clients again');
    case 'state':
      return ofBackend(server, event, `${event.state} by ${event.isOverride ? 'override' : 'list'}`);
    case 'all-ejected':
    case 'panic':
    case 'panic-over':
      return { type: 'server', server, what: event.type };
    default:
      return event satisfies never;
  }
}

function ofBackend(server: string, event: Extract<PoolEvent, { backend: string }>, reason: string): NewEvent {
  const { type: what, backend } = event;
  return { type: 'backend', server, backend, what, reason: reason.replaceAll(/\s+/g, ' ') };
}
