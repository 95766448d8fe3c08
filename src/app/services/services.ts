import { isDeepStrictEqual } from 'node:util';

import { Sampler } from '../../control/stats/sampler.ts';
import { addressText, type SocketAddress } from '../../core/address.ts';
import type { Clock } from '../../core/clock.ts';
import type { Control } from '../../core/control.ts';
import { asError } from '../../core/errors.ts';
import type { Log, Logger } from '../../log/log.ts';
import type { WebConfig } from '../../web/schema.ts';
import type { Web } from '../../web/web.ts';
import type { Config } from '../config/config.ts';
import type { Binds } from '../runtime/binds.ts';
import { openService, SERVICE_NAMES, type ServiceName } from './service-kinds.ts';

export interface ServicesParts {
  readonly control: Control;
  readonly binds: Binds;
  readonly clock: Clock;
  readonly log: Log;
}

/** The sections of a configuration that are services. */
export type ServicesConfig = Pick<Config, ServiceName>;

interface Open {
  readonly config: WebConfig;
  readonly web: Web;
}

/**
 * The HTTP services that the configuration enables. While none is enabled, none of their modules is loaded and nothing
 * is sampled. They are changed by one caller at a time.
 */
export class Services {
  readonly #parts: ServicesParts;
  readonly #open = new Map<ServiceName, Open>();
  /** Services that do not listen any more and still have requests to answer. */
  readonly #retired = new Map<Web, ServiceName>();
  #sampler: Sampler | undefined;

  constructor(parts: ServicesParts) {
    this.#parts = parts;
  }

  /** Where one of them listens, with the port that the kernel chose. */
  address(name: ServiceName): SocketAddress | undefined {
    return this.#open.get(name)?.web.address;
  }

  /**
   * Opens, changes and closes services until they are as configured. A service that did not change only reads its
   * certificate again.
   * @throws TslbError TSLB_BIND, TSLB_BIND_NAME or TSLB_WEB_TLS; they are as they were before then
   */
  async apply(config: ServicesConfig): Promise<void> {
    const before = new Map(this.#open);
    try {
      for (const name of SERVICE_NAMES) await this.#change(name, config[name]);
    } catch (thrown) {
      await this.#restore(before);
      throw thrown;
    } finally {
      if (this.#open.size === 0) this.#stopSampling();
    }
  }

  /** The first servers are in force, and rates can be measured. */
  started(): void {
    this.#sampler?.begin();
  }

  async stop(): Promise<void> {
    for (const name of [...this.#open.keys()]) this.#close(name);
    await Promise.all([...this.#retired].map(([web, name]) => this.#ended(name, web.close())));
    this.#stopSampling();
  }

  async #change(name: ServiceName, config: WebConfig | undefined): Promise<void> {
    const open = this.#open.get(name);
    if (isDeepStrictEqual(config, open?.config)) {
      if (open !== undefined) await this.#renewTls(name, open.web);
      return;
    }
    // The change may have been requested through this service: the request is answered after the change.
    this.#close(name);
    if (config !== undefined) await this.#openOne(name, config);
  }

  async #openOne(name: ServiceName, config: WebConfig): Promise<void> {
    const { control, binds, clock } = this.#parts;
    const bind = await binds.resolve(config.bind, `[${name}]`);
    const log = this.#log(name);
    this.#sampler ??= new Sampler(control.reading, clock);
    const web = await openService(name, config, { ...control, stats: this.#sampler, clock, log, bind });
    this.#open.set(name, { config, web });
    log.info({ address: addressText(web.address) }, 'service listening');
  }

  /** Keeps the old certificate where the new one cannot be used. */
  async #renewTls(name: ServiceName, web: Web): Promise<void> {
    try {
      await web.renewTls();
    } catch (err) {
      this.#log(name).error({ err }, 'certificate not reloaded');
    }
  }

  #close(name: ServiceName): void {
    const open = this.#open.get(name);
    if (open === undefined) return;
    this.#open.delete(name);
    this.#retired.set(open.web, name);
    void this.#ended(name, open.web.retire()).then(() => this.#retired.delete(open.web));
  }

  async #ended(name: ServiceName, ending: Promise<void>): Promise<void> {
    try {
      await ending;
    } catch (thrown) {
      this.#log(name).error({ err: asError(thrown) }, 'service not closed cleanly');
    }
  }

  /** Opens again what was closed for a change that failed. */
  async #restore(before: ReadonlyMap<ServiceName, Open>): Promise<void> {
    for (const name of SERVICE_NAMES) {
      try {
        await this.#change(name, before.get(name)?.config);
      } catch (thrown) {
        this.#log(name).error({ err: asError(thrown) }, 'service not reopened');
      }
    }
  }

  #stopSampling(): void {
    this.#sampler?.stop();
    this.#sampler = undefined;
  }

  #log(name: ServiceName): Logger {
    return this.#parts.log.child(name);
  }
}
