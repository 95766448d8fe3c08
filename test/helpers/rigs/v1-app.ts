import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { Sampler } from '../../../src/control/stats/sampler.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { JsonTable } from '../../../src/core/json.ts';
import type { BackendJson } from '../../../src/wire/v1/backend.ts';
import type { ConnectionJson } from '../../../src/wire/v1/connection.ts';
import type { ErrorJson } from '../../../src/wire/v1/error.ts';
import type { ServerJson } from '../../../src/wire/v1/server.ts';
import { echo, startBackend } from '../sockets/backends.ts';
import { listed } from '../sockets/traffic.ts';
import { RunningApp } from './running-app.ts';
import { startV1, type TestV1 } from './v1.ts';

export interface ServerAnswer {
  readonly server: ServerJson;
  readonly config: JsonTable;
}

/** The whole balancer in this process, and /v1 before it. */
export class V1App {
  readonly app: RunningApp;
  readonly v1: TestV1;

  private constructor(app: RunningApp, v1: TestV1) {
    this.app = app;
    this.v1 = v1;
  }

  /** @param keys of the server `web` in the file */
  static async start(
    t: TestContext,
    backends: readonly string[],
    keys: Readonly<Record<string, unknown>> = {},
  ): Promise<V1App> {
    const app = await RunningApp.start(t, backends, keys);
    const stats = new Sampler(app.control.reading, systemClock);
    t.after(() => stats.stop());
    return new V1App(app, await startV1(t, { control: app.control, stats }));
  }

  /** @returns the body of an answer with this status */
  async ok<Body>(request: string, body?: unknown, status = 200): Promise<Body> {
    const answer = await this.v1.ask(request, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body as Body;
  }

  /** @returns what is said of a request that is refused with this status */
  async refused(request: string, body: unknown, status: number): Promise<ErrorJson['error']> {
    return (await this.ok<ErrorJson>(request, body, status)).error;
  }

  async server(name = 'web'): Promise<ServerJson> {
    return (await this.ok<ServerAnswer>(`GET /servers/${name}`)).server;
  }

  /** Asks until the ends of so many connections are counted: a client may see its own before. */
  async ended(count: number): Promise<ServerJson> {
    for (;;) {
      const server = await this.server();
      if (Object.values(server.causes).reduce((sum, each) => sum + each, 0) >= count) return server;
    }
  }

  async config(name = 'web'): Promise<JsonTable> {
    return (await this.ok<ServerAnswer>(`GET /servers/${name}`)).config;
  }

  async backend(key: string, server = 'web'): Promise<BackendJson> {
    return (await this.ok<{ backend: BackendJson }>(`GET /servers/${server}/backends/${encodeURIComponent(key)}`))
      .backend;
  }

  async connections(query = ''): Promise<readonly ConnectionJson[]> {
    return (await this.ok<{ connections: readonly ConnectionJson[] }>(`GET /connections${query}`)).connections;
  }
}

/** A server as a request has it, at a port of 127.0.0.1. */
export function serverTable(port: number, backends: readonly string[], keys: Readonly<Record<string, unknown>> = {}) {
  return { bind: `127.0.0.1:${port}`, discovery: { kind: 'static', static_list: backends }, ...keys };
}

/** A backend that sends back what it gets, as a list has it. */
export async function startEcho(t: TestContext): Promise<string> {
  return listed(await startBackend(t, echo));
}
