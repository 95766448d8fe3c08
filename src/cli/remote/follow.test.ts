import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { parseApiAddress } from './address.ts';
import { ApiClient } from './api-client.ts';
import { follow, type Follower } from './follow.ts';

const CHANGE = { at: '2026-01-31T00:00:00.000Z', type: 'reset', extra: 1 };

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** An API of which the test answers each request itself. */
async function startApi(t: TestContext) {
  const waiting: ((asked: Asked) => void)[] = [];
  const server = createServer((request, response) => waiting.shift()?.({ request, response }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = new ApiClient({
    address: parseApiAddress(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  });
  t.after(() => client.close());
  return { client, next: () => new Promise<Asked>((resolve) => waiting.push(resolve)) };
}

function stream({ response }: Asked): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  return response;
}

/** Follows, and gives what the follower is told next. */
function following(t: TestContext, client: ApiClient) {
  const clock = new FakeClock();
  const ending = new AbortController();
  t.after(() => ending.abort());
  const told: unknown[] = [];
  const waiting: (() => void)[] = [];
  const note = (fact: unknown): void => {
    told.push(fact);
    waiting.shift()?.();
  };
  const follower: Follower = {
    connected: () => note('connected'),
    change: (change, answer) => note({ change, answer }),
    lost: () => note('lost'),
  };
  const ended = follow(client, follower, { clock, signal: ending.signal });
  const next = async (): Promise<unknown> => {
    if (told.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    return told.shift();
  };
  return { clock, ending, ended, next };
}

test('a lost stream is taken up again where it was', async (t) => {
  const api = await startApi(t);
  const first = api.next();
  const { clock, next } = following(t, api.client);
  const asked = await first;
  assert.equal(asked.request.url, '/v1/events?snapshots=false&changes=true');
  assert.equal(asked.request.headers['last-event-id'], undefined);
  const response = stream(asked);
  assert.equal(await next(), 'connected');
  response.write(`: hello\n\nid: 41\nevent: change\ndata: ${JSON.stringify(CHANGE)}\n\n`);
  const { at, type } = CHANGE;
  assert.deepEqual(await next(), { change: { at, type }, answer: CHANGE });

  const second = api.next();
  response.destroy();
  assert.equal(await next(), 'lost');
  while (clock.timers === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1000);
  const again = await second;
  assert.equal(again.request.headers['last-event-id'], '41');
  stream(again).end();
  assert.equal(await next(), 'connected');
  assert.equal(await next(), 'lost');
});

test('a character in two chunks is read as one', async (t) => {
  const api = await startApi(t);
  const first = api.next();
  const { next } = following(t, api.client);
  const response = stream(await first);
  assert.equal(await next(), 'connected');
  const event = (name: string): string => `event: change\ndata: ${JSON.stringify({ ...CHANGE, name })}\n\n`;
  const bytes = Buffer.from(event('one') + event('é'));
  const cut = bytes.indexOf('é') + 1;
  response.write(bytes.subarray(0, cut));
  await next();
  response.write(bytes.subarray(cut));
  const { at, type } = CHANGE;
  assert.deepEqual(await next(), { change: { at, type }, answer: { ...CHANGE, name: 'é' } });
});

test('a tslb that is about to stop is asked again, one that refuses is not', async (t) => {
  const api = await startApi(t);
  const first = api.next();
  const { clock, ended, next } = following(t, api.client);
  const refuse = ({ response }: Asked, status: number): void => {
    response.writeHead(status).end(JSON.stringify({ error: { code: 'TSLB_STOPPING', message: 'no' } }));
  };
  refuse(await first, 503);
  assert.equal(await next(), 'lost');
  const second = api.next();
  while (clock.timers === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1000);
  refuse(await second, 401);
  await assert.rejects(ended, { code: 'TSLB_API_LOGIN' });
});

test('the signal ends it, while it listens and while it waits', async (t) => {
  const api = await startApi(t);
  const first = api.next();
  const listening = following(t, api.client);
  stream(await first);
  await listening.next();
  listening.ending.abort();
  await listening.ended;

  const second = api.next();
  const waiting = following(t, api.client);
  stream(await second).destroy();
  while (waiting.clock.timers === 0) await new Promise((resolve) => setImmediate(resolve));
  waiting.ending.abort();
  await waiting.ended;
});

test('an event of another form ends it with a word about versions', async (t) => {
  const api = await startApi(t);
  const first = api.next();
  const { ended } = following(t, api.client);
  stream(await first).write('event: change\ndata: {"at":1}\n\n');
  await assert.rejects(ended, { code: 'TSLB_API_ANSWER', message: /another version/ });
});
