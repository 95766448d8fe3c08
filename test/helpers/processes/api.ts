import type { TestContext } from 'node:test';

import type { IpAddress } from '../../../src/core/address.ts';
import { type Answer, ask, type Asking } from '../sockets/web.ts';
import { startTslb, type StartOptions, type Tslb } from './cli.ts';

/** The built command with an API, and who asks it. */
export interface ApiRun {
  readonly running: Tslb;
  readonly address: IpAddress;
  readonly api: Api;
}

export type Api = (method: string, path: string, asking?: Asking) => Promise<Answer>;

/** @param config the other sections @param api what stands in `[api]` besides, and the tables below it */
export async function startWithApi(t: TestContext, config = '', api = '', start: StartOptions = {}): Promise<ApiRun> {
  const own = `[api]\nenabled = true\nbind = "127.0.0.1:0"\n${api}\n`;
  const running = await startTslb(t, own + config, start);
  const address = await serviceAddress(running, 'api');
  return { running, address, api: (method, path, asking = {}) => ask(address, path, { ...asking, method }) };
}

/** Where a service got its port 0; it is opened before or after the line that says that all has started. */
export async function serviceAddress(running: Tslb, service: string): Promise<IpAddress> {
  const said = new RegExp(String.raw`\(${service}\): service listening address=(\S+):(\d+)$`);
  const line = running.lines.find((each) => said.test(each)) ?? (await running.logged(said));
  const [, ip = '', port] = said.exec(line) ?? [];
  return { ip, port: Number(port) };
}

/** What creates a server; no other may have its address, even with port 0. */
export function serverBody(backends: readonly string[], keys: Readonly<Record<string, unknown>> = {}): Asking {
  const table = { bind: '127.0.0.2:0', discovery: { kind: 'static', static_list: backends }, ...keys };
  return { body: JSON.stringify(table) };
}

/** Asks until the answer is so. For what is counted or changed a moment later. */
export async function untilBody(api: Api, path: string, isSo: (body: string) => boolean): Promise<string> {
  for (;;) {
    const { body } = await api('GET', path);
    if (isSo(body)) return body;
  }
}
