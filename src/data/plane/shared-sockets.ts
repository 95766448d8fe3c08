import type { SharedSocket } from '../../core/engine.ts';
import { asError, errorCode } from '../../core/errors.ts';
import { openShared, sharesListeners, type SharedListener } from '../engines/registry.ts';
import type { BindFailure, Listening } from '../protocol/messages.ts';
import type { WantedBind } from './placement.ts';

/**
 * The listening sockets that all threads of their engine accept from, by bind. As the threads', they change in two
 * steps: `open` what is new, then `settle` for what is wanted, or `rollback`.
 */
export class SharedSockets {
  readonly #seats: number;
  readonly #inForce = new Map<string, SharedListener>();
  readonly #fresh = new Map<string, SharedListener>();
  /** Released by the last change; a thread may hold them until that is done. */
  readonly #released = new Set<SharedListener>();

  /** @param seats threads of an engine at most */
  constructor(seats: number) {
    this.#seats = seats;
  }

  /** Opens those of the binds that can be shared and are not open. @returns what became of them */
  open(wanted: readonly WantedBind[]): { readonly failures: BindFailure[]; readonly listening: Listening[] } {
    this.#released.clear();
    const failures: BindFailure[] = [];
    const listening: Listening[] = [];
    for (const { server, bind, address, engine } of wanted) {
      if (!sharesListeners(engine) || this.#find(bind) !== undefined) continue;
      try {
        const listener = openShared(engine, address, this.#seats);
        this.#fresh.set(bind, listener);
        listening.push({ server, bind, address: listener.at });
      } catch (thrown) {
        failures.push({ server, bind, code: errorCode(thrown), reason: asError(thrown).message });
      }
    }
    return { failures, listening };
  }

  /** @returns the socket for the thread in this seat, undefined where the bind's is not shared */
  socketFor(bind: string, seat: number): SharedSocket | undefined {
    return this.#find(bind)?.socketFor(seat);
  }

  /**
   * Keeps these binds, and lets the threads in these seats listen. The others close as soon as their threads have let
   * go of them.
   */
  settle(seats: ReadonlyMap<string, readonly number[]>): void {
    for (const [bind, listener] of this.#fresh) this.#inForce.set(bind, listener);
    this.#fresh.clear();
    for (const [bind, listener] of this.#inForce) {
      const admitted = seats.get(bind);
      if (admitted === undefined) this.#release(bind, listener);
      else for (const seat of admitted) listener.admit(seat);
    }
  }

  /** Closes what was opened and not settled. */
  rollback(): void {
    for (const listener of this.#fresh.values()) listener.release();
    this.#fresh.clear();
  }

  /** All threads have ended. */
  close(): void {
    for (let seat = 0; seat < this.#seats; seat++) this.vacate(seat);
    this.settle(new Map());
  }

  /** The thread in this seat has died. */
  vacate(seat: number): void {
    for (const listener of [...this.#inForce.values(), ...this.#released]) listener.vacate(seat);
  }

  #find(bind: string): SharedListener | undefined {
    return this.#inForce.get(bind) ?? this.#fresh.get(bind);
  }

  #release(bind: string, listener: SharedListener): void {
    this.#inForce.delete(bind);
    this.#released.add(listener);
    listener.release();
  }
}
