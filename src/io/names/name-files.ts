import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';

import type { Clock, Timer } from '../../core/clock.ts';
import { readSmallFile } from '../small-file.ts';
import { type HostsTable, parseHosts } from './hosts-file.ts';
import { type NameSources, parseNsswitch } from './nsswitch.ts';
import { parseResolvConf, type ResolvConf } from './resolv-conf.ts';

/** Where the system says how names are resolved. */
export interface NameFilePaths {
  readonly hosts: string;
  readonly resolvConf: string;
  readonly nsswitch: string;
  /** Of the name servers. */
  readonly port: number;
}

export const SYSTEM_FILES: NameFilePaths = {
  hosts: '/etc/hosts',
  resolvConf: '/etc/resolv.conf',
  nsswitch: '/etc/nsswitch.conf',
  port: 53,
};

export interface NameSettings {
  readonly hosts: HostsTable;
  readonly conf: ResolvConf;
  readonly sources: NameSources;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Keeps what hosts, resolv.conf and nsswitch.conf say. After the first time no caller waits for a file: what it said
 * before holds until it has been read again.
 */
export class NameFiles {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #files: readonly [hosts: WatchedFile, conf: WatchedFile, sources: WatchedFile];
  readonly #port: number;
  #settings: NameSettings | undefined;
  #looking: Promise<NameSettings> | undefined;
  #timer: Timer | undefined;

  /** @param changed called when a file says something else than before */
  constructor(paths: NameFilePaths, clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
    this.#files = [new WatchedFile(paths.hosts), new WatchedFile(paths.resolvConf), new WatchedFile(paths.nsswitch)];
    this.#port = paths.port;
  }

  /** Looks at the files from the first call on. */
  async settings(): Promise<NameSettings> {
    this.#timer ??= this.#clock.every(LOOK_EVERY_MS, () => void (this.#looking ??= this.#look()));
    return this.#settings ?? (this.#looking ??= this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  async #look(): Promise<NameSettings> {
    const hasChanged = (await Promise.all(this.#files.map((file) => file.look()))).includes(true);
    this.#looking = undefined;
    if (this.#settings !== undefined && !hasChanged) return this.#settings;
    const isFirst = this.#settings === undefined;
    this.#settings = this.#parse();
    if (!isFirst) this.#changed();
    return this.#settings;
  }

  #parse(): NameSettings {
    const [hosts, conf, sources] = this.#files;
    const defaults = { environment: process.env, hostname: hostname(), port: this.#port };
    return {
      hosts: parseHosts(hosts.text),
      conf: parseResolvConf(conf.text, defaults),
      sources: parseNsswitch(sources.text),
    };
  }
}

/** A file that cannot be read is an empty one, as for getaddrinfo. */
class WatchedFile {
  readonly #path: string;
  #seen = '';
  text = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** Reads it if it has changed. @returns whether it says something else */
  async look(): Promise<boolean> {
    const before = this.text;
    const seen = await stamp(this.#path);
    if (seen === this.#seen) return false;
    this.#seen = seen;
    this.text = await textOf(this.#path);
    return this.text !== before;
  }
}

async function stamp(path: string): Promise<string> {
  try {
    const { mtimeNs, ctimeNs, ino, size } = await stat(path, { bigint: true });
    return [mtimeNs, ctimeNs, ino, size].join();
  } catch {
    return 'absent';
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return (await readSmallFile(path)).toString();
  } catch {
    return '';
  }
}
