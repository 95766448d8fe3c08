import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import type { HostSockets } from '../helpers/netns/sockets.ts';
import { PORT, type BackendHost } from './site.ts';

/** After one that failed, for somebody else has the port yet. */
const AGAIN_MS = 20;

/** Another program of the balancer's host, which has every port towards a backend that it can get. */
export class PortHog {
  readonly #sockets: HostSockets;
  readonly #backends: readonly BackendHost[];
  #held = new Set<Socket>();

  /** @param sockets of the balancer's host */
  constructor(sockets: HostSockets, backends: readonly BackendHost[]) {
    this.#sockets = sockets;
    this.#backends = backends;
  }

  /** @param ports that there are towards each backend */
  start(ports: number): void {
    const held = new Set<Socket>();
    this.#held = held;
    for (const backend of this.#backends) for (let n = 0; n < ports; n++) void this.#hold(backend, held);
  }

  stop(): void {
    for (const socket of this.#held) socket.destroy();
    this.#held = new Set();
  }

  /** Gets one, and again when it loses it, as long as these are held. */
  async #hold({ ip }: BackendHost, held: Set<Socket>): Promise<void> {
    while (this.#held === held) {
      try {
        const socket = await this.#sockets.connect({ ip, port: PORT });
        socket.on('error', () => undefined).resume();
        if (this.#held !== held) return void socket.destroy();
        held.add(socket);
        await new Promise((resolve) => socket.once('close', resolve));
        held.delete(socket);
      } catch {
        await pause(AGAIN_MS); // no port, or no backend
      }
    }
  }
}
