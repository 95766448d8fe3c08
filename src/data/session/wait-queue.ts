import type { Asked } from '../../core/server-names.ts';
import type { Candidate } from '../../core/snapshot.ts';
import type { Clients } from './clients.ts';
import type { Picker } from './picker.ts';
import type { SessionRecorder } from './recorder.ts';
import type { ServerSettings } from './settings.ts';
import type { QueuedClient, QueueEntry, ThreadQueue } from './thread-queue.ts';

const NONE: readonly never[] = [];

export interface WaitQueueParts {
  readonly settings: ServerSettings;
  readonly queue: ThreadQueue;
  readonly clients: Clients;
  readonly picker: Picker;
  readonly recorder: SessionRecorder;
}

/** Where the clients of a server wait for a backend, if its configuration has it so: who may, and what is counted. */
export class WaitQueue {
  readonly #settings: ServerSettings;
  readonly #queue: ThreadQueue;
  readonly #clients: Clients;
  readonly #picker: Picker;
  readonly #recorder: SessionRecorder;

  constructor({ settings, queue, clients, picker, recorder }: WaitQueueParts) {
    this.#settings = settings;
    this.#queue = queue;
    this.#clients = clients;
    this.#picker = picker;
    this.#recorder = recorder;
    this.reconfigure();
  }

  /** To be called when the settings have changed. */
  reconfigure(): void {
    this.#queue.timeoutMs = this.#settings.limits.queue.timeoutMs;
    this.#queue.isByName = this.#settings.limits.serverNames !== undefined;
  }

  /** Whether a client that comes now goes behind others; not behind those that wait for the backends of other names. */
  get hasOthers(): boolean {
    return !this.#queue.isByName && this.#settings.limits.queue.timeoutMs > 0 && !this.#queue.isEmpty;
  }

  /** Whether a client that was not dialled for yet may wait. */
  mayWait(asked: Asked): boolean {
    return this.mayWaitForRoom(asked, NONE) || this.mayWaitForBackend(asked, NONE);
  }

  /** Whether a client may wait for room at a backend that is up. @param tried backends that failed it */
  mayWaitForRoom(asked: Asked, tried: readonly Candidate[]): boolean {
    return this.#settings.limits.queue.timeoutMs > 0 && this.#picker.isUp(asked, tried);
  }

  /** Whether a client for whom no backend is up may wait for one. @param tried backends that failed it */
  mayWaitForBackend(asked: Asked, tried: readonly Candidate[]): boolean {
    const { timeoutMs, whenDown } = this.#settings.limits.queue;
    return timeoutMs > 0 && whenDown && !this.#picker.isUp(asked, tried);
  }

  /** @param before its place, if it has waited already @returns undefined when as many wait as may */
  join(client: QueuedClient, clientEntry: number, before: QueueEntry | undefined): QueueEntry | undefined {
    if (!this.#clients.wait(clientEntry)) return undefined;
    if (before !== undefined) {
      this.#queue.rejoin(before);
      this.#recorder.rejoinedQueue();
      return before;
    }
    const entry = this.#queue.join(client, this.#settings.limits.queue.size);
    if (entry === undefined) this.#clients.stopWaiting(clientEntry);
    else this.#recorder.joinedQueue();
    return entry;
  }

  /** To be called once the client is ready to be served. */
  lookAgain(entry: QueueEntry): void {
    this.#queue.lookAgain(entry);
  }

  leave(entry: QueueEntry, clientEntry: number): void {
    this.#queue.leave(entry);
    this.#clients.stopWaiting(clientEntry);
    this.#recorder.leftQueue();
  }

  /** A place may be free at a backend: it goes to the client whose turn it is. */
  serve(): void {
    this.#queue.serve();
  }
}
