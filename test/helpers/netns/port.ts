import { runTool } from '../../../scripts/bench/tools.ts';
import { inNetns } from './names.ts';

/** Of a cable; neighbours are still found by ARP and IPv6's neighbour discovery, as those behind a router are. */
const SILENCE = ['-p IPv4', '-p IPv6 --ip6-protocol ! ipv6-icmp'] as const;

/** Where a host's cable ends: a port of the bridge `lan`. What is done here, the host itself does not notice. */
export class Port {
  readonly #bridge: string;
  readonly #name: string;

  /** @param bridge the namespace of the bridge */
  constructor(bridge: string, name: string) {
    this.#bridge = bridge;
    this.#name = name;
  }

  /** @param netns of the host, which gets the other end as `eth0` */
  async connect(netns: string): Promise<void> {
    await this.#ip(`link add ${this.#name} type veth peer name eth0 netns ${netns}`);
    await this.#ip(`link set ${this.#name} master lan up`);
  }

  /** With or without a carrier. */
  async set(state: 'up' | 'down'): Promise<void> {
    await this.#ip(`link set ${this.#name} ${state}`);
  }

  /** Drops what comes and goes from now on. */
  async silence(): Promise<void> {
    await this.#filter('-A');
  }

  async endSilence(): Promise<void> {
    await this.#filter('-D');
  }

  async #ip(args: string): Promise<void> {
    await runTool('ip', ['-netns', this.#bridge, ...args.split(' ')]);
  }

  async #filter(action: '-A' | '-D'): Promise<void> {
    for (const way of ['-i', '-o'])
      for (const what of SILENCE)
        await inNetns(this.#bridge, 'ebtables', `${action} FORWARD ${way} ${this.#name} ${what} -j DROP`.split(' '));
  }
}
