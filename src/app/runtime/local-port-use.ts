import { addressText, type IpAddress } from '../../core/address.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import type { Candidate } from '../../core/snapshot.ts';
import type { Logger } from '../../log/log.ts';

const LOOK_EVERY_MS = 10_000;
/** For so long the kernel keeps the port of a connection that this host closed first: a minute. */
const LOOKS_OF_TIME_WAIT = 6;
/** Below this part of the ports single backends are not looked at. */
const WORTH_A_LOOK = 0.1;
/** From this part on the kernel's table is read, and a warning given; below the other it is given anew. */
const NEAR = 0.8;
const CALM = 0.7;

/** What is asked of a server. */
export interface PortUser {
  readonly id: number;
  readonly backends: readonly Candidate[];
  /** Of the configuration. */
  readonly sourceAddresses: readonly string[];
  readonly ledger: {
    serverActive(): number;
    serverTotals(): { readonly connected: number };
    active(slot: number): number;
    backendTotals(slot: number): { readonly total: number };
  };
}

export interface LocalPortUseParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly servers: () => readonly PortUser[];
  /** How many ports there are. */
  readonly ports: () => number;
  /** How many connections the kernel has to each address. */
  readonly count: (to: readonly IpAddress[]) => Promise<readonly number[]>;
}

/** Connections that are open, and that were ever made. */
interface Figures {
  readonly active: number;
  readonly made: number;
}

/**
 * How many of the local ports are in use towards one backend, and a warning before they run out. The connections that were
 * open in the last minute are the most that can have a port; only where these come near to all, the kernel's table is read.
 */
export class LocalPortUse {
  readonly #parts: LocalPortUseParts;
  #timer: Timer | undefined;
  /** The figures of the looks before, by server or backend, oldest first. */
  #before: ReadonlyMap<string, readonly Figures[]> = new Map();
  #warned = new Set<string>();
  #isCounting = false;
  /** Of the ports towards the busiest backend. */
  usedRatio = 0;

  constructor(parts: LocalPortUseParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = this.#parts.clock.every(LOOK_EVERY_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const ports = this.#parts.ports();
    const now = new Map<string, readonly Figures[]>();
    const near: { readonly address: IpAddress; readonly ports: number }[] = [];
    let most = 0;
    for (const { id, ledger, backends, sourceAddresses } of this.#parts.servers()) {
      const all = this.#inUse(
        String(id),
        { active: ledger.serverActive(), made: ledger.serverTotals().connected },
        now,
      );
      const isSmall = all < ports * WORTH_A_LOOK;
      if (isSmall) most = Math.max(most, all / ports);
      for (const { slot, addresses, serial } of isSmall ? [] : backends) {
        const figures = { active: ledger.active(slot), made: ledger.backendTotals(slot).total };
        const used = this.#inUse(`${id} ${serial}`, figures, now);
        const [address] = addresses;
        if (address === undefined || 'path' in address) continue;
        const there = ports * Math.max(1, sourcesFor(address, sourceAddresses));
        if (used >= there * NEAR) near.push({ address, ports: there });
        else most = Math.max(most, used / there);
      }
    }
    this.#before = now;
    if (near.length === 0) return this.#learn(most, []);
    if (!this.#isCounting) void this.#count(near, most);
  }

  /** The most connections that can have a port: those that were open a minute ago, and those made since. */
  #inUse(key: string, figures: Figures, now: Map<string, readonly Figures[]>): number {
    const all = [...(this.#before.get(key) ?? []), figures].slice(-LOOKS_OF_TIME_WAIT - 1);
    now.set(key, all);
    const [first = figures] = all;
    return Math.max(figures.active, first.active + figures.made - first.made);
  }

  async #count(near: readonly { readonly address: IpAddress; readonly ports: number }[], most: number): Promise<void> {
    this.#isCounting = true;
    try {
      const counts = await this.#parts.count(near.map(({ address }) => address));
      const used = near.map(({ address, ports }, index) => ({ address, ports, used: counts[index] ?? 0 }));
      this.#learn(Math.max(most, ...used.map((one) => one.used / one.ports)), used);
    } catch (thrown) {
      this.#parts.log.warn({ err: asError(thrown) }, 'local ports not counted');
    } finally {
      this.#isCounting = false;
    }
  }

  #learn(
    ratio: number,
    counted: readonly { readonly address: IpAddress; readonly ports: number; readonly used: number }[],
  ): void {
    this.usedRatio = Math.min(1, ratio);
    const short = new Set<string>();
    for (const { address, ports, used } of counted) {
      const about = addressText(address);
      const wasShort = this.#warned.has(about);
      if (used < ports * (wasShort ? CALM : NEAR)) continue;
      short.add(about);
      if (wasShort) continue;
      const advice = 'add addresses to source_address, or widen net.ipv4.ip_local_port_range';
      this.#parts.log.warn({ about, used, ports, advice }, 'local ports are running out');
    }
    this.#warned = short;
  }
}

function sourcesFor({ ip }: IpAddress, sources: readonly string[]): number {
  return sources.filter((source) => source.includes(':') === ip.includes(':')).length;
}
