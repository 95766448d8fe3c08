import type { Socket } from 'node:net';
import type { IpAddress, SocketAddress } from '../../../core/address.ts';
import type {
  ClientAddress,
  FailedDial,
  RelayLimits,
  ProxiedPair,
  PairEnd,
  PairOwner,
  Peeker,
  PeekOptions,
} from '../../../core/engine.ts';
import { errorCode } from '../../../core/errors.ts';
import type { KeepAlive } from '../../../core/limits.ts';
import { shortageOfConnect } from '../../../core/shortage.ts';
import { clientAddressOf } from '../../../wire/client-address.ts';
import { LONGEST_GOODBYE_MS, MOST_DISCARDED_BYTES } from '../common/goodbye.ts';
import { Dial, type DialOwner } from './dial.ts';
import { discard } from './discard.ts';
import { setKeepAlive } from './keep-alive.ts';
import { Peek } from './peek.ts';
import { Relay } from './relay.ts';
import type { NetShared, Waiting } from './shared.ts';
import { reset } from './socket-end.ts';

const EMPTY = Buffer.alloc(0);
const NONE: readonly never[] = [];

/** One accepted socket and the backend sockets that are dialled for it. */
export class NetPair implements ProxiedPair, Waiting, DialOwner {
  owner!: PairOwner;
  readonly clientAddress: ClientAddress;
  readonly #client: Socket;
  readonly #shared: NetShared;
  #backend: Socket | undefined;
  /** Under way. */
  #dials: readonly Dial[] = NONE;
  #relay: Relay | undefined;
  /** Set when it was over before bytes were relayed. */
  #end: PairEnd | undefined;
  #openSockets = 1;
  /** What was read of the client before the relay, where that was asked for. */
  #peek: Peek | undefined;
  /** What the backend gets before the client's bytes. */
  #preface: Buffer | undefined;
  /** Bytes of the client that were taken and are to be sent all the same. */
  #kept: Buffer | undefined;
  /** Bytes that were taken. */
  #takenBytes = 0;
  /** While it waits: what to do when the client finishes. */
  #leave: (() => void) | undefined;

  /** Node reads from the client at once, up to the stream's mark, so its leaving is noticed while we dial. */
  constructor(client: Socket, shared: NetShared) {
    this.#client = client;
    this.#shared = shared;
    this.clientAddress = clientAddressOf(client.remoteAddress ?? '', client.remotePort ?? 0);
    client.on('error', (error) => this.#clientFailed(errorCode(error)));
    client.once('close', () => this.#socketClosed());
  }

  get wasAwaited(): boolean {
    return this.#relay?.backendEnd.wasAwaited === true;
  }

  peek(wanted: PeekOptions, peeker: Peeker): void {
    this.#stopWaiting();
    if (this.#end !== undefined) return;
    this.#peek ??= new Peek(this.#client, this.#shared.clock);
    this.#peek.start(wanted, peeker);
  }

  take(length: number): void {
    this.#takenBytes += this.#peek?.take(length) ?? 0;
  }

  localAddress(): ClientAddress {
    return localAddressOf(this.#client);
  }

  backendLocalAddress(): ClientAddress {
    return this.#backend === undefined ? '' : localAddressOf(this.#backend);
  }

  /**
   * A stream ends when all was read from it, and this one is not read: a client whose stream ends has sent nothing,
   * but for what was read of it by a peek.
   */
  wait(keepAlive: KeepAlive): void {
    this.#stopWaiting();
    if (this.#end !== undefined) return;
    setKeepAlive(this.#client, keepAlive);
    const hasSent = this.#peek?.hasBytes === true;
    if (this.#client.readableEnded && !hasSent) return this.#abandon('client-reset');
    this.#leave = () => {
      if (!hasSent) this.#abandon('client-reset');
    };
    this.#client.on('end', this.#leave);
    this.#shared.waiting.add(this);
  }

  /**
   * From a client that has finished, or has sent as much as the stream takes, Node reads no further and hears of no
   * reset; but a write fails after one, even one of nothing. On a unix socket it fails after a regular end, too.
   */
  probe(): void {
    const hasSent = this.#client.readableLength > 0 || this.#peek?.hasBytes === true;
    if (hasSent && this.clientAddress !== '') this.#client.write(EMPTY);
  }

  dial(to: SocketAddress, timeoutMs: number, from?: IpAddress): void {
    this.#stopWaiting();
    if (this.#end !== undefined) return;
    if (this.#shared.usedUpPorts.has(to, from)) {
      this.#shared.clock.after(0, () => this.#dialFailed({ failure: 'exhausted', code: 'EADDRNOTAVAIL', to, from }));
      return;
    }
    this.#openSockets += 1;
    this.#dials = [...this.#dials, new Dial(to, { timeoutMs, from }, this, this.#shared)];
  }

  preface(bytes: Uint8Array, areClients = false): void {
    if (areClients) this.#kept = Buffer.from(bytes);
    else this.#preface = Buffer.from(bytes);
  }

  relay(limits: RelayLimits): void {
    if (this.#end !== undefined || this.#backend === undefined) return;
    const sockets = { client: this.#client, backend: this.#backend };
    const moved = (rxBytes: number, txBytes: number): void => this.owner.moved(rxBytes, txBytes);
    this.#relay = new Relay(sockets, limits, this.#shared, moved);
    if (this.#takenBytes > 0) this.#relay.backendEnd.ignoredBytes = this.#takenBytes - (this.#kept?.length ?? 0);
    this.#relay.begin(this.#preface, this.#kept, this.#peek?.bytes);
    this.#preface = this.#kept = this.#peek = undefined;
    this.#shared.relays.add(this.#relay);
  }

  close(lastWords?: Uint8Array): void {
    if (this.#relay !== undefined) return this.#relay.close();
    if (lastWords === undefined || this.#end !== undefined) return this.#abandon('cut');
    this.#stopWaiting();
    this.#end = 'cut';
    const limit = this.#shared.clock.after(LONGEST_GOODBYE_MS, () => this.#abandon('cut'));
    this.#client.once('close', () => limit.cancel());
    this.#client.end(lastWords);
    // The rest of what it has sent and sends is read, so that the close makes no reset, which may overtake the words.
    discard(this.#client, () => this.#abandon('cut'), MOST_DISCARDED_BYTES);
  }

  reset(): void {
    if (this.#relay !== undefined) return this.#relay.cut();
    // libuv refuses a reset while the end of last words is on its way.
    if (this.#end === undefined) reset(this.#client);
    this.#abandon('cut');
  }

  // What a dial tells.

  connected(dial: Dial): void {
    for (const other of this.#dials) if (other !== dial) other.stop();
    this.#dials = NONE;
    this.#backend = dial.socket;
    this.owner.dialled(dial.to);
  }

  closed(dial: Dial, failed: FailedDial | undefined): void {
    this.#dials = this.#dials.filter((other) => other !== dial);
    this.#socketClosed();
    if (failed === undefined) return;
    if (shortageOfConnect(failed.code, failed.to) === 'ports') this.#shared.usedUpPorts.note(failed.to, failed.from);
    this.#dialFailed(failed);
  }

  broke(_dial: Dial, code: string): void {
    this.#relay?.failed('backend', code);
  }

  #clientFailed(code: string): void {
    if (this.#relay === undefined) this.#abandon('client-reset');
    else this.#relay.failed('client', code);
  }

  #dialFailed(failed: FailedDial): void {
    if (this.#end === undefined) this.owner.dialFailed(failed);
  }

  /** Nor is a peek under way any more. */
  #stopWaiting(): void {
    this.#peek?.stop();
    if (this.#leave === undefined) return;
    this.#client.off('end', this.#leave);
    this.#leave = undefined;
    this.#shared.waiting.remove(this);
  }

  #abandon(end: PairEnd): void {
    this.#stopWaiting();
    this.#end ??= end;
    this.#client.destroy();
    this.#backend?.destroy();
    for (const dial of this.#dials) dial.stop();
  }

  #socketClosed(): void {
    this.#openSockets -= 1;
    if (this.#openSockets > 0) return;
    this.#stopWaiting();
    this.#shared.descriptors.release();
    const relay = this.#relay;
    if (relay === undefined) {
      this.owner.ended(this.#end ?? 'client-reset', false);
      return;
    }
    relay.stop();
    this.#shared.relays.remove(relay);
    this.owner.ended(relay.end, relay.backendEnd.hadFinished, relay.unacknowledgedBytes);
  }
}

function localAddressOf({ localAddress, localPort }: Socket): ClientAddress {
  return clientAddressOf(localAddress ?? '', localPort ?? 0);
}
