import { isAllowed } from '../../access/rules.ts';
import type { SocketAddress } from '../../core/address.ts';
import type { OneWay } from '../../core/datagrams.ts';
import type { ClientAddress, ProxiedPair } from '../../core/engine.ts';
import { NOTHING_ASKED } from '../../core/server-names.ts';
import { shortageOfConnect } from '../../core/shortage.ts';
import type { Candidate } from '../../core/snapshot.ts';
import { contextOf } from './client-context.ts';
import { UNTRACKED } from './clients.ts';
import type { Electing } from './picker.ts';
import { NONE, type ServerParts } from './session.ts';

/** Of one datagram that is too long for the way, or of a socket of ours, whose buffer is full (EAGAIN). */
const OF_NO_BACKEND: ReadonlySet<string> = new Set(['EAGAIN', 'EINVAL', 'EMSGSIZE', 'ENOTCONN']);

type Parts = Pick<ServerParts, 'settings' | 'ledger' | 'clients' | 'picker' | 'outliers' | 'recorder'>;

/**
 * Datagrams that nobody answers, each for a backend of its own: what the steps and the election are for a connection, at
 * once for one datagram, which takes no place anywhere.
 */
export class OneWayForwarding implements OneWay {
  readonly #parts: Parts;
  /** In place of a connection, in the books of the probes. */
  readonly #pair = {} as ProxiedPair;
  #backend: Candidate | undefined;
  /** The datagram could not be sent to this one, and is elected for once more. */
  #failed: Candidate | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  elect(client: ClientAddress): SocketAddress | undefined {
    const failed = this.#failed;
    this.#failed = undefined;
    const entry = failed === undefined ? this.#enter(client) : UNTRACKED;
    if (entry === undefined) return undefined;
    this.#backend = this.#electFor(client, entry, failed === undefined ? NONE : [failed]);
    this.#parts.clients.leave(entry);
    return this.#backend?.addresses[0];
  }

  sent(bytes: number): void {
    const { outliers, recorder } = this.#parts;
    const backend = this.#elected();
    outliers.answered(this.#pair, backend);
    this.#parts.picker.giveBack(this.#pair, backend);
    recorder.moved(backend, 0, bytes);
    recorder.movedDatagrams(backend, 0, 1);
  }

  failed(code: string): void {
    const backend = this.#elected();
    this.#noteFailure(backend, code);
    this.#parts.picker.giveBack(this.#pair, backend);
    this.#failed = backend;
  }

  /** What this host lacks is no fault of the backend. */
  #noteFailure(backend: Candidate, code: string): void {
    const { outliers, recorder } = this.#parts;
    const [to] = backend.addresses;
    if (to === undefined || OF_NO_BACKEND.has(code)) return;
    if (shortageOfConnect(code, to) !== undefined)
      return recorder.lacks({ failure: 'exhausted', code, to, from: undefined });
    outliers.failed(this.#pair, backend, code);
    recorder.refused(backend, code);
  }

  /** @returns the entry of the client; undefined where it may send nothing */
  #enter(client: ClientAddress): number | undefined {
    const { clients, recorder, settings } = this.#parts;
    const context = contextOf(client);
    if (!isAllowed(settings.access, context)) {
      recorder.denied();
      return undefined;
    }
    const entry = clients.enter(context);
    if (typeof entry === 'number') return entry;
    recorder.limited(entry);
    return undefined;
  }

  #electFor(clientAddress: ClientAddress, clientEntry: number, tried: readonly Candidate[]): Candidate | undefined {
    const { picker, recorder } = this.#parts;
    const electing: Electing = { pair: this.#pair, clientAddress, clientEntry, tried, ...NOTHING_ASKED };
    const backend = picker.elect(electing);
    if (backend === undefined) recorder.noBackend(picker.isUp(NOTHING_ASKED, NONE) ? 'PC' : 'SC');
    return backend;
  }

  #elected(): Candidate {
    if (this.#backend === undefined) throw new TypeError('no backend was elected for the datagram');
    return this.#backend;
  }
}
