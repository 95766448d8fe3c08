import type { Clock, Timer } from '../../core/clock.ts';
import type { Snapshot } from '../../core/snapshot.ts';

/** Each snapshot costs a thread as much as many clients do: of a thousand backends it takes a millisecond or more. */
const PAUSE_MS = 50;
/** A reload makes a few, which are in force when it is over. */
const MOST_AT_ONCE = 8;

/**
 * The newest snapshot of each server, on its way to the threads: a few go at once, and of those that come soon
 * after them only the last, or a thousand backends that go down together would keep the threads from their clients.
 */
export class SnapshotPublisher {
  readonly #clock: Clock;
  readonly #send: (server: number, snapshot: Snapshot) => void;
  readonly #newest = new Map<number, Snapshot>();
  /** Servers that were sent some just now, and how many. */
  readonly #recent = new Map<number, { readonly timer: Timer; sent: number }>();
  /** Servers that have a newer one, with what has to come after that. */
  readonly #waiting = new Map<number, (() => void)[]>();

  constructor(clock: Clock, send: (server: number, snapshot: Snapshot) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Whether it was sent already or not. */
  newest(server: number): Snapshot | undefined {
    return this.#newest.get(server);
  }

  get servers(): readonly number[] {
    return [...this.#newest.keys()];
  }

  publish(server: number, snapshot: Snapshot): void {
    this.#newest.set(server, snapshot);
    if (!this.#waiting.has(server)) this.#waiting.set(server, []);
    if ((this.#recent.get(server)?.sent ?? 0) < MOST_AT_ONCE) this.#sendNewest(server);
  }

  /** Runs what has to come after the newest: at once where that was sent, or when it will not be sent any more. */
  afterNewest(server: number, run: () => void): void {
    const waiting = this.#waiting.get(server);
    if (waiting === undefined) run();
    else waiting.push(run);
  }

  /** Resolves when the newest of all servers were sent. */
  async sent(): Promise<void> {
    const servers = [...this.#waiting.keys()];
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => this.afterNewest(server, resolve))));
  }

  forget(server: number): void {
    const waiting = this.#waiting.get(server) ?? [];
    this.#recent.get(server)?.timer.cancel();
    this.#recent.delete(server);
    this.#waiting.delete(server);
    this.#newest.delete(server);
    for (const run of waiting) run();
  }

  stop(): void {
    for (const server of this.servers) this.forget(server);
  }

  #sendNewest(server: number): void {
    const snapshot = this.#newest.get(server);
    const waiting = this.#waiting.get(server);
    if (snapshot === undefined || waiting === undefined) return;
    this.#waiting.delete(server);
    const recent = this.#recent.get(server) ?? { timer: this.#pause(server), sent: 0 };
    recent.sent += 1;
    this.#recent.set(server, recent);
    this.#send(server, snapshot);
    for (const run of waiting) run();
  }

  #pause(server: number): Timer {
    return this.#clock.after(PAUSE_MS, () => {
      this.#recent.delete(server);
      this.#sendNewest(server);
    });
  }
}
