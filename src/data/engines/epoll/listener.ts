import { rmSync } from 'node:fs';
import type { SocketAddress } from '../../../core/address.ts';
import type { Acceptor, Listener } from '../../../core/engine.ts';
import { asError, errorCode } from '../../../core/errors.ts';
import type { Descriptors } from '../descriptors.ts';
import { BROKEN, EXHAUSTED } from './libc.ts';
import { EpollLink } from './link.ts';
import type { Loop, Watched } from './loop.ts';
import { encodeAddress, familyOf, LARGEST_BYTES, portOf } from './socket-address.ts';
import { isFree } from './stale-socket.ts';
import { setTcpOptions } from './tcp-options.ts';
import { Due } from './wheel.ts';

/** The kernel lowers it to net.core.somaxconn. */
const BACKLOG = 65_535;

/** Clients accepted in one turn, at most. */
const MOST_AT_ONCE = 64;

/** How long accepting pauses when there are no descriptors, before it is tried again. */
const PAUSE_MS = 100;

/** One listening socket. Its options are those of the sockets it accepts. */
export class EpollListener implements Listener, Watched {
  readonly #loop: Loop;
  readonly #acceptor: Acceptor;
  readonly #descriptors: Descriptors;
  readonly #wanted: SocketAddress;
  readonly #address = new Uint8Array(LARGEST_BYTES);
  readonly #resume = new Due(() => this.#watch());
  #fd = -1;
  /** Said, and not over: some have been waiting ever since. */
  #isPaused = false;
  /** Grows while more come than are taken, so that a lone client costs one call. */
  #atOnce = 1;

  constructor(address: SocketAddress, acceptor: Acceptor, loop: Loop, descriptors: Descriptors) {
    this.#loop = loop;
    this.#acceptor = acceptor;
    this.#descriptors = descriptors;
    this.#wanted = address;
    loop.later(() => this.#open());
  }

  happened(): void {
    for (let taken = 0; taken < this.#atOnce; taken++) {
      if (!this.#descriptors.claim()) return this.#pause('EMFILE');
      const fd = this.#loop.libc.accept(this.#fd, this.#address);
      if (fd >= 0) {
        this.#accept(fd);
        continue;
      }
      this.#descriptors.giveBack();
      if (fd === EXHAUSTED) return this.#pause(this.#loop.libc.errorName());
      if (fd === BROKEN) continue;
      this.#atOnce = Math.max(1, this.#atOnce >> 1);
      this.#isPaused = false;
      return;
    }
    this.#atOnce = Math.min(MOST_AT_ONCE, this.#atOnce * 2);
  }

  close(closed: () => void): void {
    this.#loop.later(() => {
      if (this.#fd >= 0) this.#closeSocket();
      closed();
    });
  }

  #open(): void {
    try {
      this.#listen();
      this.#watch();
    } catch (thrown) {
      if (this.#fd >= 0) this.#loop.libc.close(this.#fd);
      this.#fd = -1;
      this.#acceptor.listenFailed(asError(thrown));
      return;
    }
    this.#acceptor.listening(this.#localAddress());
  }

  #listen(): void {
    try {
      this.#bind(this.#wanted);
    } catch (thrown) {
      const again = this.#secondChance(errorCode(thrown));
      if (again === undefined) throw thrown;
      this.#bind(again);
    }
    this.#loop.libc.listen(this.#fd, BACKLOG);
  }

  /** Two failures have a remedy: a host without IPv6, and a unix socket whose owner is dead. */
  #secondChance(code: string): SocketAddress | undefined {
    if ('path' in this.#wanted) {
      if (code !== 'EADDRINUSE' || !isFree(this.#loop.libc, this.#wanted)) return undefined;
      rmSync(this.#wanted.path, { force: true });
      return this.#wanted;
    }
    const isWithoutIpv6 = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
    return this.#wanted.ip === '*' && isWithoutIpv6 ? { ip: '0.0.0.0', port: this.#wanted.port } : undefined;
  }

  #bind(address: SocketAddress): void {
    const { libc } = this.#loop;
    if (this.#fd >= 0) libc.close(this.#fd);
    const family = familyOf(address);
    this.#fd = libc.socket(family);
    if (this.#fd < 0) {
      const code = libc.errorName();
      throw Object.assign(new Error(`socket ${code}`), { code });
    }
    if (family !== 'unix') {
      libc.setOption(this.#fd, 'reuseAddress', 1);
      setTcpOptions(libc, this.#fd);
    }
    if (family === 'ipv6') libc.setOption(this.#fd, 'onlyIpv6', 0);
    libc.bind(this.#fd, encodeAddress(address));
  }

  #localAddress(): SocketAddress {
    if ('path' in this.#wanted) return this.#wanted;
    this.#loop.libc.localAddress(this.#fd, this.#address);
    return { ip: this.#wanted.ip, port: portOf(this.#address) };
  }

  #accept(fd: number): void {
    const link = new EpollLink(fd, this.#address, this.#loop, this.#descriptors);
    if (link.watch()) {
      this.#acceptor.accepted(link);
      return;
    }
    this.#descriptors.giveBack();
    this.#acceptor.turnedAway('ENOMEM');
  }

  /** Clients wait in the backlog meanwhile. */
  #pause(reason: string): void {
    this.#loop.unwatch(this.#fd);
    this.#loop.set(this.#resume, this.#loop.now + PAUSE_MS);
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#acceptor.paused(reason);
  }

  #watch(): void {
    if (!this.#loop.watchLevel(this.#fd, this)) this.#loop.set(this.#resume, this.#loop.now + PAUSE_MS);
  }

  /** The kernel resets who waits in the backlog of a socket that closes, so they are let in before. */
  #closeSocket(): void {
    this.#atOnce = BACKLOG;
    this.happened();
    this.#loop.clear(this.#resume);
    this.#loop.forget(this.#fd);
    this.#loop.libc.close(this.#fd);
    this.#fd = -1;
    if ('path' in this.#wanted) removeFile(this.#wanted.path);
  }
}

function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nobody listens there any more, and the next one who does removes it or says why it cannot.
  }
}
