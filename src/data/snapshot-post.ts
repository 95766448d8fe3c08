import type { Clock, Timer } from '../core/clock.ts';
import type { Snapshot } from '../core/snapshot.ts';

/** Each snapshot costs a thread as much as many clients do: of a thousand backends it takes a millisecond or more. */
const LEAST_APART_MS = 50;

/**
 * The newest snapshot of each server, on its way to the threads: the first goes at once, and of those that come soon
 * after it only the last, or a thousand backends that go down together would keep the threads from their clients.
 */
export class SnapshotPost {
  readonly #clock: Clock;
  readonly #send: (server: number, snapshot: Snapshot) => void;
  readonly #newest = new Map<number, Snapshot>();
  /** Servers whose last one was sent just now. */
  readonly #resting = new Map<number, Timer>();
  /** Of these, the ones that have had another since, with what has to come after that. */
  readonly #waiting = new Map<number, (() => void)[]>();

  constructor(clock: Clock, send: (server: number, snapshot: Snapshot) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Also one that was not sent yet. */
  newest(server: number): Snapshot | undefined {
    return this.#newest.get(server);
  }

  get servers(): readonly number[] {
    return [...this.#newest.keys()];
  }

  publish(server: number, snapshot: Snapshot): void {
    this.#newest.set(server, snapshot);
    if (!this.#waiting.has(server)) this.#waiting.set(server, []);
    if (!this.#resting.has(server)) this.#sendNewest(server);
  }

  /** Runs what has to come after the newest: at once where that was sent. */
  afterNewest(server: number, run: () => void): void {
    const waiting = this.#waiting.get(server);
    if (waiting === undefined) run();
    else waiting.push(run);
  }

  forget(server: number): void {
    this.#resting.get(server)?.cancel();
    this.#resting.delete(server);
    this.#waiting.delete(server);
    this.#newest.delete(server);
  }

  stop(): void {
    for (const server of this.servers) this.forget(server);
  }

  #sendNewest(server: number): void {
    const snapshot = this.#newest.get(server);
    const waiting = this.#waiting.get(server);
    if (snapshot === undefined || waiting === undefined) return;
    this.#waiting.delete(server);
    const rested = (): void => {
      this.#resting.delete(server);
      this.#sendNewest(server);
    };
    this.#resting.set(server, this.#clock.after(LEAST_APART_MS, rested));
    this.#send(server, snapshot);
    for (const run of waiting) run();
  }
}
