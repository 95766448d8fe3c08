import type { TestContext } from 'node:test';

import { runTool } from '../../../scripts/bench/tools.ts';
import { Host } from './host.ts';
import { nameOf, removeNamespace, removeStale } from './names.ts';
import { Port } from './port.ts';

/** The addresses of all networks alike: nobody outside a network's namespaces can reach them. */
const PREFIX = '10.77.0.';
const PREFIX_V6 = 'fd77::';

/** Networks of this process so far, which tells their names apart. */
let networks = 0;

/**
 * Hosts on one Ethernet, each in a network namespace of its own:
 *
 *     host "client"       host "backend"
 *     eth0 10.77.0.1      eth0 10.77.0.2
 *          │                   │
 *     ─────┴─── bridge lan ────┴─────     (a namespace too)
 */
export class Network {
  readonly #name: string;
  readonly #hosts: Host[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  async start(): Promise<void> {
    await runTool('ip', ['netns', 'add', this.#name]);
    await this.#ip('link add lan type bridge forward_delay 0 mcast_snooping 0');
    await this.#ip('link set lan up');
  }

  /** Adds a host with the next addresses. @param name of letters and digits, once in a network */
  async host(name: string): Promise<Host> {
    const number = this.#hosts.length + 1;
    const addresses = { ip: `${PREFIX}${number}`, ipv6: `${PREFIX_V6}${number}` };
    const host = new Host(`${this.#name}-${name}`, addresses, new Port(this.#name, `port${number}`));
    this.#hosts.push(host);
    await host.start();
    return host;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
    await removeNamespace(this.#name);
  }

  async #ip(args: string): Promise<void> {
    await runTool('ip', ['-netns', this.#name, ...args.split(' ')]);
  }
}

/** An empty network, removed at the end of the test. Networks of tests that were killed are removed first. */
export async function startNetwork(t: TestContext): Promise<Network> {
  await removeStale();
  networks += 1;
  const network = new Network(nameOf(String(networks)));
  t.after(() => network.stop());
  await network.start();
  return network;
}
