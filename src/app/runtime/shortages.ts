import type { Clock, Timer } from '../../core/clock.ts';
import { SHORTAGES, type Shortage } from '../../core/shortage.ts';
import type { Logger } from '../../log/log.ts';

/** One that was not met for so long is over. */
const OVER_AFTER_MS = 10_000;
/** Of one kind; further ones are counted alone. */
const MOST_TOLD = 10;

/** What to do. */
const ADVICE: Readonly<Record<Shortage, string>> = {
  ports: 'add addresses to source_address, or widen net.ipv4.ip_local_port_range',
  source_address: 'add the address to an interface of this host, or remove it from source_address',
  descriptors: 'raise the limit of open files (LimitNOFILE of systemd, ulimit -n)',
  memory: 'give this host more memory, or raise net.ipv4.tcp_mem',
  processes: 'raise the limit of processes (TasksMax of systemd, ulimit -u)',
  permission: 'look at the rules for outgoing packets (iptables -S OUTPUT, nft list ruleset) and at ip route',
};

/** What this host lacked, and about which address. */
export interface Lack {
  readonly shortage: Shortage;
  /** Of the system. */
  readonly code: string;
  /** The address that was dialled, or the source address that is none of this host. */
  readonly about: string;
  readonly count: number;
}

/** One that lasts. */
interface Lasting extends Lack {
  readonly count: number;
  readonly lastAt: number;
}

/**
 * What this host lacks, as threads and checks meet it: told once while it lasts, and again when it is over. Nothing of it
 * is held against a backend.
 */
export class Shortages {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #lasting = new Map<string, Lasting>();
  readonly #counts = new Map<Shortage, number>(SHORTAGES.map((shortage) => [shortage, 0]));
  #timer: Timer | undefined;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** How often each was met since the start. */
  get counts(): ReadonlyMap<Shortage, number> {
    return this.#counts;
  }

  met(lack: Lack): void {
    const { shortage, code, about, count } = lack;
    this.#counts.set(shortage, (this.#counts.get(shortage) ?? 0) + count);
    const key = `${shortage} ${about}`;
    const before = this.#lasting.get(key);
    if (before === undefined && this.#lastingOf(shortage) >= MOST_TOLD) return;
    const total = (before?.count ?? 0) + count;
    this.#lasting.set(key, { ...lack, count: total, lastAt: this.#clock.now() });
    if (before === undefined) this.#warn(shortage, { about, code, advice: ADVICE[shortage] });
    this.#timer ??= this.#clock.after(OVER_AFTER_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #warn(shortage: Shortage, fields: { readonly about: string; readonly code: string; readonly advice: string }): void {
    switch (shortage) {
      case 'ports':
        return this.#log.warn(fields, 'no local port is left for a connection');
      case 'source_address':
        return this.#log.warn(fields, 'source_address is not an address of this host');
      case 'descriptors':
        return this.#log.warn(fields, 'no descriptor is left for a connection');
      case 'memory':
        return this.#log.warn(fields, 'no memory is left for a connection');
      case 'processes':
        return this.#log.warn(fields, 'no process is left for a program');
      case 'permission':
        return this.#log.warn(fields, 'a rule of this host forbids a connection');
      default:
        return shortage satisfies never;
    }
  }

  #lastingOf(shortage: Shortage): number {
    return [...this.#lasting.values()].filter((lasting) => lasting.shortage === shortage).length;
  }

  #look(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const [key, { shortage, about, count, lastAt }] of this.#lasting) {
      if (now - lastAt < OVER_AFTER_MS) continue;
      this.#lasting.delete(key);
      this.#log.info({ shortage, about, count }, 'shortage is over');
    }
    if (this.#lasting.size === 0) return;
    const first = Math.min(...[...this.#lasting.values()].map(({ lastAt }) => lastAt));
    this.#timer = this.#clock.after(first + OVER_AFTER_MS - now, () => this.#look());
  }
}
