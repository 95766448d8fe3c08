import type { Socket } from 'node:dgram';
import { addressText, type IpAddress } from '../../../core/address.ts';
import type { Clock, Timer } from '../../../core/clock.ts';
import type { OneWay } from '../../../core/datagrams.ts';
import type { ClientAddress } from '../../../core/engine.ts';
import { errorCode } from '../../../core/errors.ts';
import { datagramSocket } from './datagram-socket.ts';

/** A backend that got nothing for so long has no socket any more. */
const UNUSED_MS = 30_000;

interface Target {
  readonly socket: Socket;
  /** Node throws at a send where it is not. */
  isConnected: boolean;
  /** Of an earlier datagram: as the kernel would say it of the next one. */
  refusal: string | undefined;
  isUsed: boolean;
}

/** Sends datagrams one by one to backends, by a connected socket for each of these. */
export class OneWaySockets {
  readonly #clock: Clock;
  readonly #targets = new Map<string, Target>();
  #timer: Timer | undefined;
  /** The datagram whose end Node has not told yet. */
  #underWay: { readonly oneWay: OneWay; readonly bytes: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param dropped no backend has taken it */
  send(datagram: Buffer, client: ClientAddress, oneWay: OneWay, dropped: () => void): void {
    this.#settle();
    this.#sendTo(datagram, client, oneWay, () => this.#sendTo(datagram, client, oneWay, dropped));
  }

  #sendTo(datagram: Buffer, client: ClientAddress, oneWay: OneWay, failed: () => void): void {
    const to = oneWay.elect(client);
    if (to === undefined) return;
    if ('path' in to) {
      oneWay.failed('EAFNOSUPPORT');
      return failed();
    }
    const target = this.#targetOf(to);
    const refusal = this.#refusalOf(to, target);
    if (refusal !== undefined) {
      oneWay.failed(refusal);
      return failed();
    }
    const underWay = { oneWay, bytes: datagram.length };
    this.#underWay = underWay;
    target.socket.send(datagram, (error) => {
      if (this.#underWay !== underWay) return;
      if (error === null) return this.#settle();
      this.#underWay = undefined;
      oneWay.failed(errorCode(error));
      failed();
    });
  }

  /** Where Node sends later, the datagram counts as sent once the next one has come. */
  #settle(): void {
    const { oneWay, bytes } = this.#underWay ?? {};
    this.#underWay = undefined;
    if (bytes !== undefined) oneWay?.sent(bytes);
  }

  /** One that could not be connected says why in the next tick, and is connected anew after that. */
  #refusalOf(to: IpAddress, target: Target): string | undefined {
    const { refusal, isConnected } = target;
    target.isUsed = true;
    target.refusal = undefined;
    if (isConnected) return refusal;
    if (refusal !== undefined) this.#close(addressText(to), target);
    return refusal ?? 'ENOTCONN';
  }

  #targetOf(to: IpAddress): Target {
    const key = addressText(to);
    const known = this.#targets.get(key);
    if (known !== undefined) return known;
    const socket = datagramSocket(to.ip);
    const target: Target = { socket, isConnected: false, refusal: undefined, isUsed: true };
    socket.on('error', (error) => (target.refusal = errorCode(error)));
    socket.connect(to.port, to.ip);
    target.isConnected = isConnected(socket);
    this.#targets.set(key, target);
    this.#timer ??= this.#clock.every(UNUSED_MS, () => this.#closeUnused());
    return target;
  }

  #closeUnused(): void {
    for (const [key, target] of this.#targets) {
      if (target.isUsed) {
        target.isUsed = false;
        continue;
      }
      this.#close(key, target);
    }
    if (this.#targets.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #close(key: string, target: Target): void {
    this.#targets.delete(key);
    target.socket.close();
  }
}

/** An address that is a literal is connected within the call, or not at all. */
function isConnected(socket: Socket): boolean {
  try {
    socket.remoteAddress();
    return true;
  } catch {
    return false;
  }
}
