import { addressText } from '../../core/address.ts';
import type { DatagramEngine } from '../../core/datagrams.ts';
import { errorCode } from '../../core/errors.ts';
import type { Bind, BindFailure, OpenedBind, ThreadReport, ServerSpec } from '../protocol/messages.ts';
import type { Frontend } from '../session/frontend.ts';
import { closeAll, ServerListener } from './server-listener.ts';

interface Wanted {
  readonly specs: readonly ServerSpec[];
  /** Of these specs, by id. */
  readonly servers: ReadonlyMap<number, Frontend>;
  /** By bind, what is open already. */
  readonly open: ReadonlyMap<string, ServerListener>;
  readonly engine: DatagramEngine;
}

/** The servers that a thread is to have, made ready by `prepare` until `commit` or `rollback`. */
export class Preparation {
  readonly specs: readonly ServerSpec[];
  readonly servers: ReadonlyMap<number, Frontend>;
  /** By bind, those that were open already among them. */
  readonly listeners = new Map<string, ServerListener>();
  readonly #open: ReadonlyMap<string, ServerListener>;
  readonly #engine: DatagramEngine;
  readonly #report: (report: ThreadReport) => void;
  /** Sockets of all threads, which this one accepts from once it is committed: until then it has no part in them. */
  readonly #shared: { readonly server: Frontend; readonly where: Bind }[] = [];
  readonly #failures: BindFailure[] = [];
  readonly #listening: OpenedBind[] = [];
  /** Binds that are neither open nor failed; one more while they are begun. */
  #pending = 1;

  /** @param report told `prepared` when all that could be opened is open; perhaps at once */
  constructor({ specs, servers, open, engine }: Wanted, report: (report: ThreadReport) => void) {
    this.specs = specs;
    this.servers = servers;
    this.#open = open;
    this.#engine = engine;
    this.#report = report;
    for (const spec of specs) {
      for (const bind of spec.binds) this.#openListener(spec, bind);
    }
    this.#bindDone();
  }

  /** From now on each bind lets in to the server that has it here. */
  letIn(): void {
    for (const { id, binds, limits } of this.specs) {
      const server = this.#serverOf(id);
      for (const { address } of binds) {
        this.listeners.get(addressText(address))?.letInTo(server, limits.udp);
      }
    }
    for (const { server, where } of this.#shared) {
      const listener = new ServerListener({ where, server, udp: undefined }, this.#engine, () => undefined);
      this.listeners.set(listener.bind, listener);
    }
  }

  /** Closes what was opened. @param closed called when that is done */
  close(closed: () => void): void {
    closeAll(
      [...this.listeners.values()].filter(({ bind }) => !this.#open.has(bind)),
      closed,
    );
  }

  #openListener(spec: ServerSpec, where: Bind): void {
    const bind = addressText(where.address);
    const server = this.#serverOf(spec.id);
    const open = this.#open.get(bind);
    if (open !== undefined) {
      this.listeners.set(bind, open);
    } else if (where.socket !== undefined) {
      this.#shared.push({ server, where });
    } else {
      this.#pending += 1;
      const listener = new ServerListener({ where, server, udp: spec.limits.udp }, this.#engine, (result) => {
        if ('at' in result) {
          this.#listening.push({ server: spec.name, bind, address: result.at });
        } else {
          this.#failures.push(bindFailure(spec.name, bind, result.error));
          this.listeners.delete(bind);
        }
        this.#bindDone();
      });
      this.listeners.set(bind, listener);
    }
  }

  #bindDone(): void {
    this.#pending -= 1;
    if (this.#pending > 0) return;
    this.#report({ type: 'prepared', failures: this.#failures, listening: this.#listening });
  }

  #serverOf(id: number): Frontend {
    const server = this.servers.get(id);
    if (server === undefined) throw new RangeError(`server ${id} was not prepared`);
    return server;
  }
}

function bindFailure(server: string, bind: string, error: Error): BindFailure {
  return { server, bind, code: errorCode(error), reason: error.message };
}
