import { type InspectorNotification, type NodeWorker, Session } from 'node:inspector';

import { asError } from '../../core/errors.ts';

/** One thread of this process, asked in the Chrome DevTools protocol. */
export interface InspectedThread {
  /** @throws Error with what the protocol says, or that the thread has ended */
  ask(method: string, params?: object): Promise<unknown>;
  /** The parts of a heap snapshot, as they come. */
  onSnapshotPart(told: (part: string) => void): void;
  /** Ends whatever was begun there. */
  close(): void;
}

/** The name that Node gives a data-plane thread (data/plane/thread-handle.ts) ends so. */
const NAME_OF_THREAD = /\btslb data (\d+)$/;

/**
 * Opens the main thread, or the data-plane thread of that number.
 * @param nudge has a thread that waits in the kernel look up, so that it sees the question
 * @returns undefined where there is no such thread
 */
export async function inspectThread(thread: 'main' | number, nudge: () => void): Promise<InspectedThread | undefined> {
  const session = new Session();
  session.connect();
  if (thread === 'main') return new MainThread(session);
  const workers = await workersOf(session);
  const worker = workers.find(({ title }) => Number(NAME_OF_THREAD.exec(title)?.[1] ?? -1) === thread);
  if (worker !== undefined) return new DataThread(session, worker.sessionId, nudge);
  session.disconnect();
  return undefined;
}

class MainThread implements InspectedThread {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  ask(method: string, params: object = {}): Promise<unknown> {
    return post(this.#session, method, params);
  }

  onSnapshotPart(told: (part: string) => void): void {
    this.#session.on('HeapProfiler.addHeapSnapshotChunk', ({ params }) => told(params.chunk));
  }

  close(): void {
    this.#session.disconnect();
  }
}

interface Worker {
  readonly title: string;
  readonly sessionId: string;
}

/** They are told before the answer. */
async function workersOf(session: Session): Promise<readonly Worker[]> {
  const workers: Worker[] = [];
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    workers.push({ title: params.workerInfo.title, sessionId: params.sessionId });
  });
  await post(session, 'NodeWorker.enable', { waitForDebuggerOnStart: false });
  return workers;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** What a thread sends: the answer to a question, or the part of a snapshot. */
interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly params?: { readonly chunk?: string };
}

/** A worker is asked through the main thread, which packs each message into one of its own. */
class DataThread implements InspectedThread {
  readonly #session: Session;
  readonly #sessionId: string;
  readonly #nudge: () => void;
  readonly #pending = new Map<number, Pending>();
  #asked = 0;
  /** Why it answers no more. Node takes messages to a thread that has ended without a word. */
  #ended: Error | undefined;
  #told: ((part: string) => void) | undefined;

  constructor(session: Session, sessionId: string, nudge: () => void) {
    this.#session = session;
    this.#sessionId = sessionId;
    this.#nudge = nudge;
    session.on('NodeWorker.receivedMessageFromWorker', (message) => this.#received(message));
    session.on('NodeWorker.detachedFromWorker', ({ params }) => {
      if (params.sessionId === sessionId) this.#end(new Error('the thread has ended'));
    });
  }

  async ask(method: string, params: object = {}): Promise<unknown> {
    if (this.#ended !== undefined) throw this.#ended;
    const id = ++this.#asked;
    const answered = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    const message = JSON.stringify({ id, method, params });
    try {
      await post(this.#session, 'NodeWorker.sendMessageToWorker', { sessionId: this.#sessionId, message });
    } catch (thrown) {
      this.#end(asError(thrown));
    }
    this.#nudge();
    return answered;
  }

  onSnapshotPart(told: (part: string) => void): void {
    this.#told = told;
  }

  close(): void {
    this.#session.disconnect();
    this.#end(new Error('the profile was ended'));
  }

  #received({ params }: InspectorNotification<NodeWorker.ReceivedMessageFromWorkerEventDataType>): void {
    if (params.sessionId !== this.#sessionId) return;
    const { id, result, error, params: event } = JSON.parse(params.message) as Message;
    if (id === undefined) {
      if (event?.chunk !== undefined) this.#told?.(event.chunk);
      return;
    }
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error.message));
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }
}

function post(session: Session, method: string, params: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, params, (error: Error | null, result?: object) => {
      if (error === null) resolve(result);
      // Node tells an object of the protocol, whatever its type says.
      else reject(new Error(error.message));
    });
  });
}
