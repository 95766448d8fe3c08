import { setTimeout as pause } from 'node:timers/promises';

import type { Random } from '../../src/core/random.ts';
import { nthRandom } from '../soak/chance.ts';
import { Spans } from '../soak/spans.ts';
import type { Balancer } from './balancer.ts';
import { LIMITS, randomChoice } from './config.ts';
import { PortHog } from './port-hog.ts';
import type { Kind, Subject, Trouble } from './schedule.ts';
import { hostOf, move, type BackendHost, type Site } from './site.ts';

/** The ports that the balancer's host has for a while, and of which another program takes all that it can get. */
const FEW_PORTS = [40_000, 40_003] as const;
const ALL_PORTS = [32_768, 60_999] as const;

const LOSS = 0.01;

/** Kinds that end connections, or keep a host from being connected. */
const BREAKING: readonly Kind[] = [
  'host vanishes',
  'cable is pulled',
  'host restarts',
  'firewall rejects',
  'name moves',
];
/** Kinds for which a check may fail besides. */
const DOUBTFUL: readonly Kind[] = ['packets get lost'];

/** A destination whose ports were used up is not dialled for a moment (engines/common/used-up-ports.ts), and the machine is busy. */
const USED_UP_MS = 500;

/** How long a host is spared after each trouble: until checks have found it, and a little for what is to be seen. */
export const RECOVERY_MS = LIMITS.checkIntervalMs + LIMITS.checkTimeoutMs + 1000;

/** Has troubles come and go, and remembers when. */
export class Sufferings {
  /** By subject: when its connections may break. */
  readonly #broken = new Map<Subject, Spans>();
  /** By subject: when its checks may fail. */
  readonly #doubtful = new Map<Subject, Spans>();
  readonly withoutPorts = new Spans();
  readonly standstills = new Spans();
  readonly counts: Partial<Record<Kind, number>> = {};
  readonly #site: Site;
  readonly #balancer: Balancer;
  readonly #hog: PortHog;
  readonly #random: Random;

  constructor(site: Site, balancer: Balancer, seed: number) {
    this.#site = site;
    this.#balancer = balancer;
    this.#hog = new PortHog(site.balancerSockets, site.backends);
    this.#random = nthRandom(seed, -2);
  }

  /** Resolves when all is well again. */
  async play(schedule: readonly Trouble[]): Promise<void> {
    await Promise.all(schedule.map((trouble) => this.#suffer(trouble)));
  }

  brokenOf(subject: Subject): Spans {
    return spansOf(this.#broken, subject);
  }

  doubtfulOf(subject: Subject): Spans {
    return spansOf(this.#doubtful, subject);
  }

  async #suffer({ kind, subject, atMs, untilMs }: Trouble): Promise<void> {
    await pause(atMs);
    const spans = this.#spansOf(kind, subject);
    for (const each of spans) each.begin();
    await this.#begin(kind, subject);
    await pause(untilMs - atMs);
    await this.#end(kind, subject);
    for (const each of spans) each.end();
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  #spansOf(kind: Kind, subject: Subject): readonly Spans[] {
    if (kind === 'ports run out') return [this.withoutPorts];
    if (kind === 'process stands still') return [this.standstills];
    if (BREAKING.includes(kind)) return [this.brokenOf(subject), this.doubtfulOf(subject)];
    return DOUBTFUL.includes(kind) ? [this.doubtfulOf(subject)] : [];
  }

  async #begin(kind: Kind, subject: Subject): Promise<void> {
    const host = hostOf(this.#site, subject);
    switch (kind) {
      case 'host vanishes':
      case 'name server vanishes':
        return host.vanish();
      case 'cable is pulled':
        return host.unplug();
      case 'host restarts':
        await host.vanish();
        return this.#backendOf(subject).backend.kill();
      case 'packets get lost':
        return host.lose(LOSS);
      case 'firewall rejects':
        return host.reject();
      case 'name moves':
        return this.#move(this.#backendOf(subject));
      case 'ports run out':
        await host.localPorts(...FEW_PORTS);
        {
          this.#hog.start(FEW_PORTS[1] - FEW_PORTS[0] + 1);
          return;
        }
      case 'process stands still':
        this.#balancer.signal('SIGSTOP');
        return;
      case 'reload':
        return this.#balancer.reload(randomChoice(this.#random));
      default:
        kind satisfies never;
    }
  }

  async #end(kind: Kind, subject: Subject): Promise<void> {
    const host = hostOf(this.#site, subject);
    switch (kind) {
      case 'host vanishes':
      case 'name server vanishes':
        return host.comeBack();
      case 'cable is pulled':
        return host.plug();
      case 'host restarts':
        await this.#backendOf(subject).backend.start();
        return host.comeBack();
      case 'packets get lost':
        return host.deliver(LOSS);
      case 'firewall rejects':
        return host.accept();
      case 'ports run out':
        this.#hog.stop();
        await host.localPorts(...ALL_PORTS);
        return pause(USED_UP_MS);
      case 'process stands still':
        this.#balancer.signal('SIGCONT');
        return;
      case 'name moves':
      case 'reload':
        return;
      default:
        kind satisfies never;
    }
  }

  #backendOf(subject: Subject): BackendHost {
    return this.#site.backends[Number(subject.split(' ')[1])]!;
  }

  /** The name server is told at once; whoever asked it a moment ago learns it later. */
  async #move(backend: BackendHost): Promise<void> {
    await move(backend);
    await this.#site.names.set(backend.name, backend.ip);
  }
}

function spansOf(all: Map<Subject, Spans>, subject: Subject): Spans {
  const spans = all.get(subject) ?? new Spans();
  all.set(subject, spans);
  return spans;
}
