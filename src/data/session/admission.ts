import { isAllowed } from '../../access/rules.ts';
import type { ElectionContext } from '../../core/context.ts';
import type { ProxiedPair } from '../../core/engine.ts';
import type { ThreadLedger } from '../../ledger/thread-ledger.ts';
import { UNTRACKED, type Clients } from './clients.ts';
import type { SessionRecorder } from './recorder.ts';
import type { ServerSettings } from './settings.ts';

export interface AdmissionParts {
  readonly settings: ServerSettings;
  readonly clients: Clients;
  readonly ledger: ThreadLedger;
  readonly recorder: SessionRecorder;
}

/** Whether a client may connect: by the access rules, by the limits of its address, and by the server's own limit. */
export class Admission {
  readonly #settings: ServerSettings;
  readonly #clients: Clients;
  readonly #ledger: ThreadLedger;
  readonly #recorder: SessionRecorder;
  readonly #context: ElectionContext = { ip: new Uint8Array(16), ipLength: 0 };

  constructor({ settings, clients, ledger, recorder }: AdmissionParts) {
    this.#settings = settings;
    this.#clients = clients;
    this.#ledger = ledger;
    this.#recorder = recorder;
  }

  /** Whether the access rules let it in. */
  allows(pair: ProxiedPair): boolean {
    const { access } = this.#settings;
    if (access.defaultAllow && access.rules.length === 0) return true;
    pair.readClientIp(this.#context);
    if (isAllowed(access, this.#context)) return true;
    this.#recorder.denied();
    return false;
  }

  /** Counts a connection of its client. @returns where, or UNTRACKED; undefined when the client is at a limit */
  enterClient(pair: ProxiedPair): number | undefined {
    if (!this.#clients.areTracked) return UNTRACKED;
    pair.readClientIp(this.#context);
    const client = this.#clients.enter(this.#context);
    if (typeof client === 'number') return client;
    this.#recorder.limited(client);
    return undefined;
  }

  /** A connection that `enterClient` has counted has ended. */
  leaveClient(client: number): void {
    this.#clients.leave(client);
  }

  /** Takes a place at the server. @returns false at its limit */
  enterServer(): boolean {
    if (this.#ledger.enterServer(this.#settings.limits.maxConnections)) return true;
    this.#recorder.serverIsFull();
    return false;
  }

  leaveServer(): void {
    this.#ledger.leaveServer();
  }
}
