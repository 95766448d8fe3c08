import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { App } from '../../src/app/app.ts';
import type { Config } from '../../src/app/config.ts';
import { LiveControl } from '../../src/app/live-control.ts';
import { loadConfig } from '../../src/app/load.ts';
import type { SocketAddress } from '../../src/core/address.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createLog } from '../../src/log/log.ts';
import { serverToml, temporaryFolder, untilFile } from './cli.ts';
import { freePort } from './traffic.ts';

/** The whole balancer in this process, with one server `web` on threads of its own, stopped at the end of the test. */
export class RunningApp {
  readonly app: App;
  readonly control: LiveControl;
  readonly address: SocketAddress;
  readonly #logFile: string;
  readonly #keys: Readonly<Record<string, unknown>>;

  private constructor(app: App, port: number, logFile: string, keys: Readonly<Record<string, unknown>>) {
    this.app = app;
    this.control = new LiveControl({ app, clock: systemClock, identity: { version: '0.0.0' } });
    this.address = { ip: '127.0.0.1', port };
    this.#logFile = logFile;
    this.#keys = keys;
  }

  /** @param keys of the server in the file */
  static async start(
    t: TestContext,
    backends: readonly string[],
    keys: Readonly<Record<string, unknown>> = {},
  ): Promise<RunningApp> {
    const port = await freePort();
    const logFile = join(temporaryFolder(t), 'log');
    const all = { bind: `127.0.0.1:${port}`, ...keys };
    const config = await configOf(logFile, serverToml('web', backends, all));
    const log = createLog(config.logging);
    const app = new App(config, { log, clock: systemClock, drainMs: 0 });
    t.after(async () => {
      await app.stop();
      await log.close();
    });
    await app.start(config);
    return new RunningApp(app, port, logFile, all);
  }

  /** Another list of backends, and other keys. */
  async reload(backends: readonly string[], keys: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.app.reload(await configOf(this.#logFile, serverToml('web', backends, { ...this.#keys, ...keys })));
  }

  /** Another server in place of the one that was there. @param keys its own; none are taken over */
  async replace(name: string, backends: readonly string[], keys: Readonly<Record<string, unknown>>): Promise<void> {
    await this.app.reload(await configOf(this.#logFile, serverToml(name, backends, keys)));
  }

  /** Resolves when this stands in the log. @returns its records with this message */
  async logged(message: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const text = await untilFile(this.#logFile, (so) => so.includes(`"msg":${JSON.stringify(message)}`));
    const lines = text.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === message);
  }
}

async function configOf(logFile: string, toml: string): Promise<Config> {
  const logging = `[logging]\nlevel = "debug"\nformat = "json"\noutput = ${JSON.stringify(logFile)}\n[process]\nthreads = 2\n`;
  const { config, diagnostics } = await loadConfig({ bytes: Buffer.from(logging + toml), file: 'test.toml' });
  if (config === undefined) throw new Error(JSON.stringify(diagnostics));
  return config;
}
