import type { ControlEvent } from '../../../core/events.ts';
import type { ChangeJson } from '../../../wire/v1/event.ts';
import { momentText } from './moment.ts';

export function changeJson(event: ControlEvent): ChangeJson {
  const at = momentText(event.at);
  switch (event.type) {
    case 'backend':
    case 'server':
    case 'changed':
    case 'reset':
      return { ...event, at };
    case 'reloaded':
      return { ...event, added: [...event.added], changed: [...event.changed], removed: [...event.removed], at };
    default:
      return event satisfies never;
  }
}
