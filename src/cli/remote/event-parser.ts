/** One server-sent event. */
export interface ServerSentEvent {
  /** `message` where the stream does not say. */
  readonly type: string;
  readonly data: string;
  /** The last id that the stream has said. */
  readonly id: string;
}

/** A line that is longer is not ours. */
const LONGEST_BUFFER = 64 * 1024 * 1024;

/**
 * Reads a stream of server-sent events as the HTML standard has it (9.2.6), but for lone carriage returns: chunks of
 * text in, events out. A comment, and an event without data, is no event.
 */
export class EventParser {
  #rest = '';
  #data: string[] = [];
  #type = '';
  #id = '';

  /** @throws RangeError for an event beyond 64 MiB */
  feed(chunk: string): readonly ServerSentEvent[] {
    if (this.#rest.length + chunk.length > LONGEST_BUFFER) throw new RangeError('an event is longer than 64 MiB');
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#line(line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  #line(line: string): readonly ServerSentEvent[] {
    if (line === '') return this.#dispatched();
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return [];
  }

  #dispatched(): readonly ServerSentEvent[] {
    const event = { type: this.#type === '' ? 'message' : this.#type, data: this.#data.join('\n'), id: this.#id };
    const hasData = this.#data.length > 0;
    this.#type = '';
    this.#data = [];
    return hasData ? [event] : [];
  }
}
