import type { TestContext } from 'node:test';

import { addressText, type IpAddress } from '../../../src/core/address.ts';
import { startTslb } from '../processes/cli.ts';
import { freePort } from '../sockets/traffic.ts';

/** How a server of tslb tells its one backend who the client is. */
export interface OutServer {
  /** Among the servers of this backend. */
  readonly name: string;
  readonly version: 1 | 2;
  readonly tlvs?: readonly string[];
  /** Its clients send a header of their own. */
  readonly acceptsProxy?: boolean;
  /** Its backend is down before this many checks have passed. */
  readonly checks?: number;
}

/** Addresses of a server of tslb: of IPv4, of IPv6, and the one of `[::]`, reached by IPv4. */
export interface OutListeners {
  readonly inet: IpAddress;
  readonly inet6: IpAddress;
  readonly dual: IpAddress;
}

/** One tslb, and a server for each way to tell each backend. */
export class RelayedOut {
  readonly #listeners = new Map<string, OutListeners>();
  /** Servers whose backend has passed its checks. */
  readonly #passed = new Map<string, PromiseWithResolve>();

  add(backend: number, { name }: OutServer, listeners: OutListeners): void {
    this.#listeners.set(nameOf(backend, name), listeners);
    let resolve = (): void => undefined;
    const promise = new Promise<void>((settle) => (resolve = settle));
    this.#passed.set(nameOf(backend, name), { promise, resolve });
  }

  at(backend: number, { name }: OutServer): OutListeners {
    const listeners = this.#listeners.get(nameOf(backend, name));
    if (listeners === undefined) throw new Error(`there is no server ${name}`);
    return listeners;
  }

  /** Resolves when the backend has passed the checks of this server. */
  async passed(backend: number, { name }: OutServer): Promise<void> {
    await this.#passed.get(nameOf(backend, name))?.promise;
  }

  /** @param line of the log of tslb */
  said(line: string): void {
    const [, server = ''] = /\bbackend up server=(\S+)/.exec(line) ?? [];
    this.#passed.get(server)?.resolve();
  }
}

interface PromiseWithResolve {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function nameOf(backend: number, name: string): string {
  return `peer${backend}-${name}`;
}

export interface RelayedOutOptions {
  readonly engine: string;
  readonly backends: readonly IpAddress[];
  /** Of each backend. */
  readonly servers: readonly OutServer[];
}

export async function startRelayedOut(
  t: TestContext,
  { engine, backends, servers }: RelayedOutOptions,
): Promise<RelayedOut> {
  const relayed = new RelayedOut();
  const taken = new Set<number>();
  const port = async (): Promise<number> => {
    const free = await freePort();
    if (taken.has(free)) return port();
    taken.add(free);
    return free;
  };
  let config = `[defaults]\nengine = "${engine}"\n`;
  for (const [at, backend] of backends.entries()) {
    for (const server of servers) {
      const [inet, inet6, dual] = [await port(), await port(), await port()];
      relayed.add(at, server, {
        inet: { ip: '127.0.0.1', port: inet },
        inet6: { ip: '::1', port: inet6 },
        dual: { ip: '127.0.0.1', port: dual },
      });
      const binds = [`127.0.0.1:${inet}`, `[::1]:${inet6}`, `[::]:${dual}`];
      config += tomlOf(nameOf(at, server.name), server, binds, backend);
    }
  }
  await startTslb(t, config, { onLine: (line) => relayed.said(line) });
  return relayed;
}

function tomlOf(name: string, server: OutServer, binds: readonly string[], backend: IpAddress): string {
  const { version, tlvs = [], acceptsProxy = false, checks } = server;
  const trust = '\naccept_proxy = "require"\naccept_proxy_from = ["127.0.0.0/8"]';
  const health = `
[servers.${name}.healthcheck]
kind = "ping"
interval = "300ms"
timeout = "5s"
passes = ${checks}
initial_status = "unhealthy"
`;
  return `[servers.${name}]
bind = ${JSON.stringify(binds)}
proxy_protocol = { version = "${version}", tlvs = ${JSON.stringify(tlvs)} }${acceptsProxy ? trust : ''}
${checks === undefined ? '' : health}
[servers.${name}.discovery]
kind = "static"
static_list = ["${addressText(backend)}"]
`;
}
