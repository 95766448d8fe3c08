import { addressText, type SocketAddress } from '../../core/address.ts';
import type { Acceptor, Engine, ProxiedPair, Listener } from '../../core/engine.ts';
import type { Bind } from '../protocol/messages.ts';
import type { Frontend } from '../session/frontend.ts';

type Opened = (result: { readonly at: SocketAddress } | { readonly error: Error }) => void;

/** An open bind and the server it lets in to. Given over to another server, it loses no client. */
export class ServerListener implements Acceptor {
  readonly bind: string;
  server: Frontend;
  readonly #listener: Listener;
  readonly #opened: Opened;

  constructor({ address, socket }: Bind, server: Frontend, engine: Engine, opened: Opened) {
    this.bind = addressText(address);
    this.server = server;
    this.#opened = opened;
    this.#listener = engine.listen({ address, acceptor: this, socket });
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
}

/** @param done called when all are closed; at once where there are none */
export function closeAll(listeners: readonly ServerListener[], done: () => void): void {
  if (listeners.length === 0) return done();
  let open = listeners.length;
  for (const listener of listeners) {
    listener.close(() => {
      open -= 1;
      if (open === 0) done();
    });
  }
}
