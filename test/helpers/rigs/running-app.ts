import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { loadInitialConfig, type ReadConfig } from '../../../src/app/changes/initial-config.ts';
import { loadConfig } from '../../../src/app/config/load.ts';
import { Daemon } from '../../../src/app/daemon.ts';
import type { App } from '../../../src/app/runtime/app.ts';
import type { ServiceName } from '../../../src/app/services/service-kinds.ts';
import { addressText, type SocketAddress } from '../../../src/core/address.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Control } from '../../../src/core/control.ts';
import type { ReloadResult } from '../../../src/core/steering.ts';
import { createLog } from '../../../src/log/log.ts';
import { serverToml, temporaryFolder, untilFile } from '../processes/cli.ts';
import { freePort } from '../sockets/traffic.ts';

/** The whole balancer in this process, with one server `web` on threads of its own, stopped at the end of the test. */
export class RunningApp {
  readonly app: App;
  readonly control: Control;
  readonly address: SocketAddress;
  readonly #daemon: Daemon;
  readonly #file: TestFile;
  readonly #keys: Readonly<Record<string, unknown>>;

  private constructor(daemon: Daemon, port: number, file: TestFile, keys: Readonly<Record<string, unknown>>) {
    this.#daemon = daemon;
    this.app = daemon.app;
    this.control = daemon.control;
    this.address = { ip: '127.0.0.1', port };
    this.#file = file;
    this.#keys = keys;
  }

  /** @param keys of the server in the file @param head what else stands in it, before its servers */
  static async start(
    t: TestContext,
    backends: readonly string[],
    keys: Readonly<Record<string, unknown>> = {},
    head = '',
  ): Promise<RunningApp> {
    const port = await freePort();
    const all = { bind: `127.0.0.1:${port}`, ...keys };
    const file = new TestFile(join(temporaryFolder(t), 'log'), head, serverToml('web', backends, all));
    const daemon = await startDaemon(t, file.read);
    return new RunningApp(daemon, port, file, all);
  }

  /** Where an HTTP service of the head listens; undefined where it does not. */
  service(name: ServiceName): string | undefined {
    const address = this.#daemon.address(name);
    return address && addressText(address);
  }

  /** Another head, and the same servers: in the file alone. */
  changeHead(head: string): void {
    this.#file.head = head;
  }

  async reloadHead(head: string): Promise<ReloadResult> {
    this.changeHead(head);
    return this.control.steering.configuration.reload({ via: 'signal' });
  }

  /** Another list of backends, and other keys. */
  async reload(backends: readonly string[], keys: Readonly<Record<string, unknown>> = {}): Promise<ReloadResult> {
    return this.reloadToml(serverToml('web', backends, { ...this.#keys, ...keys }));
  }

  /** Another server in place of the one that was there. @param keys its own; none are taken over */
  async replace(name: string, backends: readonly string[], keys: Readonly<Record<string, unknown>>): Promise<void> {
    await this.reloadToml(serverToml(name, backends, keys));
  }

  /** Other servers. */
  async reloadToml(servers: string): Promise<ReloadResult> {
    this.#file.servers = servers;
    return this.control.steering.configuration.reload({ via: 'signal' });
  }

  /** Before the end of the test. */
  async stop(): Promise<void> {
    await this.#daemon.stop();
  }

  /** Resolves when this stands in the log. @returns its records with this message */
  async logged(message: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const text = await untilFile(this.#file.log, (so) => so.includes(`"msg":${JSON.stringify(message)}`));
    const lines = text.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === message);
  }
}

/** A configuration that a test changes. */
class TestFile {
  readonly log: string;
  head: string;
  servers: string;

  constructor(log: string, head: string, servers: string) {
    this.log = log;
    this.head = head;
    this.servers = servers;
  }

  readonly read: ReadConfig = () => {
    const logging = `[logging]\nlevel = "debug"\nformat = "json"\noutput = ${JSON.stringify(this.log)}\n`;
    const text = `${logging}[process]\nthreads = 2\n${this.head}${this.servers}`;
    return loadConfig({ bytes: Buffer.from(text), file: 'test.toml' });
  };
}

async function startDaemon(t: TestContext, read: ReadConfig): Promise<Daemon> {
  const { initial, diagnostics } = await loadInitialConfig(read);
  if (initial === undefined) throw new Error(JSON.stringify(diagnostics));
  const log = createLog(initial.config.logging);
  const identity = { version: '0.0.0' };
  const daemon = new Daemon({ log, clock: systemClock, drainMs: 0, identity, initial, read });
  t.after(async () => {
    await daemon.stop();
    await log.close();
  });
  await daemon.start();
  return daemon;
}
