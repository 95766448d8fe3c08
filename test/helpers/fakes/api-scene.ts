import type { TestContext } from 'node:test';

import type { ApiParts } from '../../../src/control/api/parts.ts';
import { apiRoutes } from '../../../src/control/api/routes.ts';
import type { BackendStatus } from '../../../src/core/backend-status.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { JsonTable } from '../../../src/core/json.ts';
import type { ServerStatus } from '../../../src/core/server-status.ts';
import type { Actor } from '../../../src/core/steering.ts';
import type { WebOptions } from '../../../src/web/web.ts';
import { type Answer, ask, type Asking, startWeb } from '../sockets/web.ts';
import { backendStatus, serverStatus } from './statuses.ts';

/** What the balancer is asked, and what a test has it answer. */
export class FakeControl {
  readonly about = { version: '1.2.3', pid: 42, startedAt: Date.now() - 61_500, engine: 'net' } as const;
  readonly configs = new Map<string, JsonTable>();
  readonly asked: unknown[] = [];
  refusal: Error | undefined;

  servers(): readonly ServerStatus[] {
    return [...this.configs.keys()].map((name) => serverStatus(name));
  }

  server(name: string): ServerStatus | undefined {
    return this.servers().find((server) => server.name === name);
  }

  backends(): readonly BackendStatus[] {
    return [backendStatus('10.0.0.1:80')];
  }

  serverConfig(name: string): JsonTable | undefined {
    return this.configs.get(name);
  }

  dump(...of: unknown[]): string {
    this.asked.push(of);
    return 'the = "dump"\n';
  }

  async put(name: string, table: unknown, options: object, by: Actor): Promise<boolean> {
    await this.#change([name, table, options, by]);
    return true;
  }

  remove(name: string, options: object, by: Actor): Promise<void> {
    return this.#change([name, options, by]);
  }

  #change(of: readonly unknown[]): Promise<void> {
    this.asked.push(of);
    return this.refusal === undefined ? Promise.resolve() : Promise.reject(this.refusal);
  }
}

const STATS: ApiParts['stats'] = {
  latest: () => ({
    at: 0,
    process: { uptimeMs: 0, rssBytes: 0, cpu: 0, loopDelayMs: 0 },
    threads: [],
    servers: [],
  }),
};

export type Ask = (path: string, asking?: Asking) => Promise<Answer>;

/** The API on a port of its own, before a balancer that does nothing. */
export async function startApi(
  t: TestContext,
  options: Partial<WebOptions> = {},
): Promise<{ control: FakeControl; api: Ask }> {
  const control = new FakeControl();
  const { cors = false } = options;
  const register = apiRoutes({
    reading: control,
    steering: { servers: control },
    stats: STATS,
    clock: systemClock,
    cors,
  });
  const { address } = await startWeb(t, (app) => void app.register(register), options);
  return { control, api: (path, asking) => ask(address, path, asking) };
}

export const JSON_TYPE = 'application/json; charset=utf-8';
export const TEXT_TYPE = 'text/plain; charset=utf-8';

export function typeOf({ headers }: Answer): string | undefined {
  return headers['content-type'];
}
