import type { SharedSocket } from '../../core/engine.ts';
import { asError, errorCode } from '../../core/errors.ts';
import { openShared, type EngineKind, type SharedListener } from '../engines/registry.ts';
import type { BindFailure, OpenedBind } from '../protocol/messages.ts';
import { isOnAllThreads, type WantedBind } from './placement.ts';

interface Opened {
  readonly engine: EngineKind;
  readonly listener: SharedListener;
}

interface OpenResult {
  readonly failures: BindFailure[];
  readonly listening: OpenedBind[];
}

/**
 * The listening sockets that all threads of their engine accept from, by bind. As the threads', they change in two
 * steps: `open` what is new, then `commit` what is wanted, or `rollback`.
 */
export class SharedSockets {
  readonly #most: number;
  readonly #inForce = new Map<string, Opened>();
  readonly #fresh = new Map<string, Opened>();
  /** Released by the last change; a thread may hold them until that is done. */
  readonly #released = new Set<Opened>();

  /** @param most threads of an engine */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Opens those of the binds that can be shared and are not open.
   * @param isBeside whether a bind may overlap with listeners that allow it
   * @returns what became of them
   */
  open(wanted: readonly WantedBind[], isBeside: (bind: string) => boolean): OpenResult {
    this.#released.clear();
    const failures: BindFailure[] = [];
    const listening: OpenedBind[] = [];
    for (const one of wanted) {
      const { server, bind, address, engine } = one;
      if (!isOnAllThreads(one) || this.#find(bind) !== undefined) continue;
      try {
        const listener = openShared(engine, address, { workers: this.#most, isBeside: isBeside(bind) });
        this.#fresh.set(bind, { engine, listener });
        listening.push({ server, bind, address: listener.at });
      } catch (thrown) {
        failures.push({ server, bind, code: errorCode(thrown), reason: asError(thrown).message });
      }
    }
    return { failures, listening };
  }

  /** @returns the socket for this worker of its engine, undefined where the bind's is not shared */
  socketFor(bind: string, workerIndex: number): SharedSocket | undefined {
    return this.#find(bind)?.listener.socketFor(workerIndex);
  }

  /**
   * Keeps these binds, and lets these workers of their engine listen. The others close as soon as their threads have let
   * go of them.
   */
  commit(workers: ReadonlyMap<string, readonly number[]>): void {
    for (const [bind, opened] of this.#fresh) this.#inForce.set(bind, opened);
    this.#fresh.clear();
    for (const [bind, opened] of this.#inForce) {
      const admitted = workers.get(bind);
      if (admitted === undefined) this.#release(bind, opened);
      else for (const workerIndex of admitted) opened.listener.admit(workerIndex);
    }
  }

  /** Closes what was opened and not committed. */
  rollback(): void {
    for (const { listener } of this.#fresh.values()) listener.release();
    this.#fresh.clear();
  }

  /** All threads have ended. */
  close(): void {
    for (const { listener } of this.#all()) {
      for (let workerIndex = 0; workerIndex < this.#most; workerIndex++) listener.vacate(workerIndex);
    }
    this.commit(new Map());
  }

  /** This worker of an engine has died. */
  vacate(engine: EngineKind, workerIndex: number): void {
    for (const opened of this.#all()) {
      if (opened.engine === engine) opened.listener.vacate(workerIndex);
    }
  }

  #all(): readonly Opened[] {
    return [...this.#inForce.values(), ...this.#released];
  }

  #find(bind: string): Opened | undefined {
    return this.#inForce.get(bind) ?? this.#fresh.get(bind);
  }

  #release(bind: string, opened: Opened): void {
    this.#inForce.delete(bind);
    this.#released.add(opened);
    opened.listener.release();
  }
}
