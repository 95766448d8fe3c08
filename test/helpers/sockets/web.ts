import { type Agent, type IncomingHttpHeaders, request, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';

import type { SocketAddress } from '../../../src/core/address.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { openWeb, type Web, type WebOptions } from '../../../src/web/web.ts';

export interface TestWeb {
  readonly web: Web;
  readonly address: SocketAddress;
  readonly log: TestLog;
}

/** Opens a service on a free port of the loopback network, closed at the end of the test. */
export async function startWeb(
  t: TestContext,
  register: (app: FastifyInstance) => void | Promise<void>,
  options: Partial<WebOptions> = {},
): Promise<TestWeb> {
  const log = new TestLog();
  const bind = { ip: '127.0.0.1', port: 0 };
  const all = { service: 'api', bind, clock: systemClock, log: log.logger, ...options };
  const web = await openWeb(all, register);
  t.after(() => web.close());
  return { web, address: web.address, log };
}

/** A log whose lines a test reads. */
export class TestLog {
  readonly lines: Readonly<Record<string, unknown>>[] = [];
  readonly logger: Logger = pino(
    { level: 'debug', base: null, formatters: { level: (level) => ({ level }) } },
    { write: (json: string) => void this.lines.push(JSON.parse(json) as Record<string, unknown>) },
  );
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Whom to trust; makes it TLS. */
  readonly ca?: string;
  readonly agent?: Agent;
  /** Another address of the loopback network, to be another client. */
  readonly from?: string;
}

/** One request, on a connection of its own unless there is an agent. @throws the system's errors */
export function ask(address: SocketAddress, path: string, asking: Asking = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, ca, agent, from: localAddress } = asking;
  const target = 'path' in address ? { socketPath: address.path } : { host: address.ip, port: address.port };
  const options: RequestOptions = {
    ...target,
    path,
    method,
    headers,
    agent: agent ?? false,
    ...(localAddress !== undefined && { localAddress }),
  };
  return new Promise((resolve, reject) => {
    const sent = ca === undefined ? request(options) : secureRequest({ ...options, ca });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.end(body);
  });
}

/** Opens a connection, closed at the end of the test. */
export function open(t: TestContext, address: SocketAddress): Socket {
  const socket = connect('path' in address ? address : { host: address.ip, port: address.port });
  t.after(() => void socket.destroy());
  return socket;
}

/** All that comes until the connection is closed, by whichever end of it and however. */
export function untilClosed(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined); // the close says it
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}

/** Sends these bytes and reads until the other end closes. */
export function exchange(t: TestContext, address: SocketAddress, bytes: string | Buffer): Promise<string> {
  const socket = open(t, address);
  socket.write(bytes);
  return untilClosed(socket);
}

export function basic(login: string, password: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}` };
}
