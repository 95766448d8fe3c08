import type { ControlEvent, Events } from '../../core/events.ts';

/** An event before it gets its time. */
export type NewEvent = ControlEvent extends infer Event
  ? Event extends ControlEvent
    ? Omit<Event, 'at'>
    : never
  : never;

type Listener = (event: ControlEvent) => void;

export interface EventHubOptions {
  /** Milliseconds since the epoch. */
  readonly date: () => number;
  /** A listener has thrown; the others were told all the same. */
  readonly failed: (thrown: unknown) => void;
}

/** Events that are kept for later subscribers. */
const MOST_RECENT = 200;

/** Tells all listeners what has happened, in the order in which it did. */
export class EventHub implements Events {
  readonly #options: EventHubOptions;
  readonly #listeners = new Set<Listener>();
  /** Events in order: a listener may cause another event while it is told one. */
  readonly #untold: ControlEvent[] = [];
  #recent: readonly ControlEvent[] = [];
  #isTelling = false;

  constructor(options: EventHubOptions) {
    this.#options = options;
  }

  get recent(): readonly ControlEvent[] {
    return this.#recent;
  }

  subscribe(listener: Listener): () => void {
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(told: NewEvent): void {
    // The compiler does not see that each kind of event is complete again.
    const event = { at: this.#options.date(), ...told } as ControlEvent;
    this.#recent = [...this.#recent.slice(1 - MOST_RECENT), event];
    this.#untold.push(event);
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) this.#tellAll(next);
    this.#isTelling = false;
  }

  #tellAll(event: ControlEvent): void {
    for (const listener of [...this.#listeners]) {
      // It may have left while others were told.
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(event);
      } catch (thrown) {
        this.#options.failed(thrown);
      }
    }
  }
}
