import { TslbError } from '../../core/errors.ts';
import type { Server } from './server.ts';

/** The servers that run, by name, and those that are staged to run. */
export class Servers {
  readonly #running = new Map<string, Server>();
  /** Not in force everywhere yet: they may have clients on some threads already. */
  #staged: ReadonlyMap<string, Server> = new Map();

  get running(): readonly Server[] {
    return [...this.#running.values()];
  }

  /** `commit` or `discard` follows. */
  stage(staged: ReadonlyMap<string, Server>): void {
    this.#staged = staged;
  }

  /** The staged servers are in force. */
  commit(): void {
    for (const [name, server] of this.#staged) this.#running.set(name, server);
    this.#staged = new Map();
  }

  /** The staged servers will not run. */
  discard(): void {
    for (const server of this.#staged.values()) server.stop();
    this.#staged = new Map();
  }

  /** Removes a server that is not in force any more. @returns undefined where there is none of that name */
  release(name: string): Server | undefined {
    const server = this.#running.get(name);
    this.#running.delete(name);
    return server;
  }

  find(name: string): Server | undefined {
    return this.#running.get(name);
  }

  /** A server that runs or is staged. @throws RangeError */
  stagedOrRunning(name: string): Server {
    const server = this.#staged.get(name) ?? this.#running.get(name);
    if (server === undefined) throw new RangeError(`no server ${name} runs or is staged`);
    return server;
  }

  /** A server that runs. @throws TslbError TSLB_NO_SUCH_SERVER */
  get(name: string): Server {
    const server = this.#running.get(name);
    if (server === undefined) throw new TslbError('TSLB_NO_SUCH_SERVER', `there is no server ${name}`);
    return server;
  }

  /** A server that runs or is staged. */
  withId(id: number): Server | undefined {
    return [...this.#running.values(), ...this.#staged.values()].find((server) => server.id === id);
  }
}
