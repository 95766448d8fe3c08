import { addressText, type IpAddress } from '../../../core/address.ts';
import type { Timer } from '../../../core/clock.ts';
import type {
  DatagramAcceptor,
  DatagramBounds,
  DatagramListener,
  DatagramListenOptions,
  DatagramSockets,
} from '../../../core/datagrams.ts';
import { errorCode } from '../../../core/errors.ts';
import { SessionOrder } from '../common/session-order.ts';
import { DatagramPort, type PortTools } from './datagram-port.ts';
import type { NetDatagramPair } from './datagram-pair.ts';
import { isWildcard, localIps } from './local-ips.ts';
import { OneWaySockets } from './one-way-sockets.ts';
import { PeriodicVisitor } from './periodic-visitor.ts';
import type { NetShared } from './shared.ts';

/** An address that the host has got is listened at by then. */
const LOOK_EVERY_MS = 5_000;
/** A session ends so long after its idle time at the latest. */
const VISIT_EVERY_MS = 500;
/** Where the kernel chooses the port, it may be taken at another address. */
const PORT_ATTEMPTS = 20;

/** UDP by node:dgram. */
export class NetDatagrams implements DatagramSockets {
  readonly #shared: NetShared;
  readonly #oneWay: OneWaySockets;
  /** Those that are open, by address; also those that no listener has any more, while they have sessions. */
  readonly #open = new Map<string, OpenAddress>();

  constructor(shared: NetShared) {
    this.#shared = shared;
    this.#oneWay = new OneWaySockets(shared.clock);
  }

  maySpeakAsClient(): boolean {
    return false;
  }

  listen(options: DatagramListenOptions): DatagramListener {
    const { address, acceptor } = options;
    const left = this.#open.get(keyOf(address));
    if (left?.isLeft === true) {
      left.takeOver(options);
      this.#shared.clock.after(0, () => acceptor.listening(left.at));
      return listenerOf(left, this.#shared);
    }
    const opened: OpenAddress = new OpenAddress(options, this.#shared, this.#oneWay, {
      opened: () => this.#open.set(keyOf(opened.at), opened),
      closed: () => {
        if (this.#open.get(keyOf(opened.at)) === opened) this.#open.delete(keyOf(opened.at));
      },
    });
    return listenerOf(opened, this.#shared);
  }
}

/** Whatever the address says of its protocol. */
function keyOf({ ip, port }: IpAddress): string {
  return addressText({ ip, port });
}

function listenerOf(open: OpenAddress, { clock }: NetShared): DatagramListener {
  return {
    adjust: (bounds) => open.adjust(bounds),
    close(closed) {
      open.leave();
      clock.after(0, closed);
    },
  };
}

/** An address that clients send to: one socket, or for a wildcard one for each address of this host. */
class OpenAddress implements PortTools {
  readonly shared: NetShared;
  readonly oneWay: OneWaySockets;
  readonly order = new SessionOrder<NetDatagramPair>();
  bounds: DatagramBounds;
  readonly visits: PeriodicVisitor<NetDatagramPair>;
  at: IpAddress;
  readonly #address: IpAddress;
  readonly #tell: { readonly opened: () => void; readonly closed: () => void };
  readonly #ports = new Map<string, DatagramPort>();
  #acceptor: DatagramAcceptor | undefined;
  #lastAcceptor: DatagramAcceptor;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(
    options: DatagramListenOptions,
    shared: NetShared,
    oneWay: OneWaySockets,
    tell: { readonly opened: () => void; readonly closed: () => void },
  ) {
    this.bounds = options;
    this.#address = options.address;
    this.shared = shared;
    this.oneWay = oneWay;
    this.visits = new PeriodicVisitor(shared.clock, VISIT_EVERY_MS, (session) => session.visit());
    this.at = options.address;
    this.#acceptor = this.#lastAcceptor = options.acceptor;
    this.#tell = tell;
    // An address that cannot be bound fails within the call; it is told after it.
    shared.clock.after(0, () => this.#openAll(PORT_ATTEMPTS));
  }

  acceptor(): DatagramAcceptor | undefined {
    return this.#acceptor;
  }

  lastAcceptor(): DatagramAcceptor {
    return this.#lastAcceptor;
  }

  emptied(): void {
    const isEmpty = [...this.#ports.values()].every(({ sessions }) => sessions.size === 0);
    if (this.#acceptor === undefined && isEmpty) this.#close();
  }

  /** Whether no listener has it any more, and sessions do. */
  get isLeft(): boolean {
    return this.#acceptor === undefined && !this.#isClosed;
  }

  takeOver(options: DatagramListenOptions): void {
    this.#acceptor = this.#lastAcceptor = options.acceptor;
    this.adjust(options);
  }

  /** @returns nothing: Node asks for what net.core.rmem_max allows */
  adjust(bounds: DatagramBounds): undefined {
    this.bounds = bounds;
    for (const port of this.#ports.values()) port.setReceiveBuffer();
  }

  leave(): void {
    this.#acceptor = undefined;
    this.emptied();
  }

  #openAll(attempts: number): void {
    if (this.#isClosed) return;
    const address = this.#address;
    const ips = isWildcard(address.ip) ? localIps(address.ip) : [address.ip];
    this.#openEach(ips, address.port, (error, port) => {
      if (error === undefined) return this.#listening(port);
      this.#closePorts();
      const isPortTaken = errorCode(error) === 'EADDRINUSE' && address.port === 0;
      if (isPortTaken && attempts > 1) return this.#openAll(attempts - 1);
      this.#isClosed = true;
      this.#tell.closed();
      this.#acceptor?.listenFailed(error);
    });
  }

  /** One after the other: the first may get its port of the kernel. */
  #openEach(ips: readonly string[], port: number, done: (error: Error | undefined, port: number) => void): void {
    const [ip, ...others] = ips;
    if (ip === undefined) return done(undefined, port);
    const opened = new DatagramPort(ip, this);
    opened.open(port, (error) => {
      if (error !== undefined) {
        opened.close();
        const isOneOfMany = others.length > 0 || this.#ports.size > 0;
        // It is being set up, or has just gone. The next look tries it again.
        if (errorCode(error) === 'EADDRNOTAVAIL' && isOneOfMany) return this.#openEach(others, port, done);
        return done(error, port);
      }
      this.#ports.set(ip, opened);
      this.#openEach(others, opened.localPort, done);
    });
  }

  #listening(port: number): void {
    const address = this.#address;
    this.at = { ...address, port };
    this.#tell.opened();
    if (isWildcard(address.ip)) this.#timer = this.shared.clock.every(LOOK_EVERY_MS, () => this.#lookAgain(port));
    this.#acceptor?.listening(this.at);
  }

  /** Opens sockets at addresses that the host has got, and closes those without sessions at addresses that it has lost. */
  #lookAgain(port: number): void {
    const ips = localIps(this.#address.ip);
    this.#openEach(
      ips.filter((ip) => !this.#ports.has(ip)),
      port,
      () => undefined,
    );
    for (const [ip, { sessions }] of this.#ports) {
      if (ips.includes(ip) || sessions.size > 0) continue;
      this.#ports.get(ip)?.close();
      this.#ports.delete(ip);
    }
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#closePorts();
    this.#tell.closed();
  }

  #closePorts(): void {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }
}
