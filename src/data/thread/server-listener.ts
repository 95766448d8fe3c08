import { addressText, type SocketAddress } from '../../core/address.ts';
import type { Acceptor, Engine, ProxiedPair, Listener } from '../../core/engine.ts';
import type { Bind } from '../protocol/messages.ts';
import type { Frontend } from '../session/frontend.ts';

type Opened = (result: { readonly at: SocketAddress } | { readonly error: Error }) => void;

/** Far more than a round trip; less than it takes until a lost packet is sent again. */
const HANDSHAKE_MS = 500;

/** An open bind and the server it lets in to. Given over to another server, it loses no client. */
export class ServerListener implements Acceptor {
  readonly bind: string;
  server: Frontend;
  readonly #listener: Listener;
  readonly #engine: Engine;
  readonly #opened: Opened;

  constructor({ address, socket, descriptor }: Bind, server: Frontend, engine: Engine, opened: Opened) {
    this.bind = addressText(address);
    this.server = server;
    this.#engine = engine;
    this.#opened = opened;
    this.#listener = engine.listen({ address, acceptor: this, socket, descriptor });
  }

  listening(at: SocketAddress): void {
    this.#opened({ at });
  }

  listenFailed(error: Error): void {
    this.#opened({ error });
  }

  accepted(pair: ProxiedPair): void {
    this.server.accepted(pair);
  }

  acceptedReset(): void {
    this.server.acceptedReset();
  }

  paused(reason: string): void {
    this.server.paused(reason);
  }

  noResources(reason: string): void {
    this.server.noResources(reason);
  }

  close(closed: () => void): void {
    this.#listener.close(closed);
  }

  /** New clients pass it over; those whose handshake is under way still arrive. */
  closeAfterHandshakes(closed: () => void): void {
    const timer = this.#engine.every(HANDSHAKE_MS, () => {
      timer.cancel();
      this.close(closed);
    });
  }
}

/** @param done called when all are closed; at once where there are none @param handedOver binds, which are closed later */
export function closeAll(
  listeners: readonly ServerListener[],
  done: () => void,
  handedOver: readonly string[] = [],
): void {
  if (listeners.length === 0) return done();
  let open = listeners.length;
  const closed = (): void => {
    open -= 1;
    if (open === 0) done();
  };
  for (const listener of listeners) {
    if (handedOver.includes(listener.bind)) listener.closeAfterHandshakes(closed);
    else listener.close(closed);
  }
}
