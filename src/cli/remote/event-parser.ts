import { createParser } from 'eventsource-parser';

/** One server-sent event. */
export interface ServerSentEvent {
  /** `message` where the stream does not say. */
  readonly type: string;
  readonly data: string;
  /** The last id in the stream so far. */
  readonly id: string;
}

/** An event that is longer does not come from tslb. */
const LONGEST_EVENT = 64 * 1024 * 1024;

/** Reads a stream of server-sent events (HTML standard, 9.2.6): chunks of text in, events out. */
export class EventParser {
  #events: ServerSentEvent[] = [];
  #id = '';
  readonly #parser = createParser({
    maxBufferSize: LONGEST_EVENT,
    onEvent: ({ event: type = 'message', data, id = this.#id }) => {
      this.#id = id;
      this.#events.push({ type, data, id });
    },
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') throw new RangeError('an event is longer than 64 MiB');
    },
  });

  /** @throws RangeError for an event beyond 64 MiB */
  feed(chunk: string): readonly ServerSentEvent[] {
    this.#events = [];
    this.#parser.feed(chunk);
    return this.#events;
  }
}
