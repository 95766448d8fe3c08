import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type ListenOptions, type Server } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import * as z from 'zod';

import { temporaryFolder } from '../../../test/helpers/processes/cli.ts';
import { makeCertificate } from '../../../test/helpers/sockets/certificate.ts';
import { parseApiAddress } from './address.ts';
import { ApiClient, type ApiClientOptions } from './api-client.ts';
import { ApiRefusal } from './api-errors.ts';

async function listening(t: TestContext, server: Server, at: ListenOptions = { host: '127.0.0.1', port: 0 }) {
  server.listen(at);
  await once(server, 'listening');
  t.after(() => {
    if ('closeAllConnections' in server) (server.closeAllConnections as () => void)();
    server.close();
  });
  return server.address() ?? '';
}

function clientOf(t: TestContext, address: string, options: Partial<ApiClientOptions> = {}): ApiClient {
  const client = new ApiClient({ address: parseApiAddress(address), ...options });
  t.after(() => client.close());
  return client;
}

async function serving(t: TestContext, answer: RequestListener, options: Partial<ApiClientOptions> = {}) {
  const address = (await listening(t, createServer(answer))) as AddressInfo;
  return clientOf(t, `http://127.0.0.1:${address.port}`, options);
}

function answering(status: number, body: unknown): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

test('it sends method, path, query, body and login, and gives back the answer', async (t) => {
  const client = await serving(
    t,
    (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { method, url, headers } = request;
        const { authorization, 'content-type': type } = headers;
        response.end(JSON.stringify({ method, url, authorization, type, body }));
      });
    },
    { login: { name: 'admin', password: 'pässword' } },
  );
  const answer = await client.json('/v1/servers/..', {
    method: 'PATCH',
    query: { drain: '5 s', all: true, backend: undefined },
    body: { large: 2n ** 60n },
  });
  assert.deepEqual(answer, {
    method: 'PATCH',
    url: '/v1/servers/..?drain=5+s&all=true',
    authorization: `Basic ${Buffer.from('admin:pässword').toString('base64')}`,
    type: 'application/json',
    body: `{"large":${2 ** 60}}`,
  });
});

test('it asks over a unix socket', async (t) => {
  const path = join(temporaryFolder(t), 'api.sock');
  await listening(t, createServer(answering(200, { level: 'info' })), { path });
  const answer = await clientOf(t, `unix:${path}`).read(z.object({ level: z.string() }), '/v1/log-level');
  assert.deepEqual(answer, { level: 'info' });
});

test('a refusal has the words, the code and the problems of the API', async (t) => {
  const problems = [{ path: 'servers.web.bind', code: 'TSLB_CONFIG_BIND', message: 'no bind', suggestion: 'add one' }];
  const body = { error: { code: 'TSLB_CONFIG_REFUSED', message: 'the table is wrong', problems } };
  const client = await serving(t, answering(422, body));
  await assert.rejects(client.json('/v1/servers/web', { method: 'PUT', body: {} }), (thrown) => {
    assert.ok(thrown instanceof ApiRefusal);
    const { code, message, status } = thrown;
    assert.deepEqual({ code, message, status }, { code: body.error.code, message: body.error.message, status: 422 });
    assert.deepEqual(thrown.answer, body);
    assert.deepEqual(thrown.problems, [{ path: 'servers.web.bind', message: 'no bind', suggestion: 'add one' }]);
    return true;
  });
});

const LOGINS = [
  [401, /requires another login; give it with --login/],
  [429, /too many wrong logins/],
] as const;
for (const [status, message] of LOGINS) {
  test(`${status} says what to do about the login`, async (t) => {
    const client = await serving(t, answering(status, { error: { code: 'TSLB_X', message: 'no' } }));
    await assert.rejects(client.json('/v1/info'), { code: 'TSLB_API_LOGIN', message });
  });
}

const FOREIGN = [
  ['another page', 404, '<html>not found</html>', /it answers 404/],
  ['an answer that is not JSON', 200, 'hello', /not JSON/],
  ['an answer of another form', 200, { level: 7 }, /level: /],
] as const;
for (const [title, status, body, message] of FOREIGN) {
  test(`${title} is not the API`, async (t) => {
    const client = await serving(t, answering(status, body));
    const read = client.read(z.object({ level: z.string() }), '/v1/log-level');
    await assert.rejects(read, { code: 'TSLB_API_ANSWER', message });
  });
}

test('without a listener it says so, and where to look', async (t) => {
  for (const address of ['http://127.0.0.1:1', `unix:${join(temporaryFolder(t), 'none.sock')}`]) {
    await assert.rejects(clientOf(t, address).json('/v1/info'), {
      code: 'TSLB_API_UNREACHABLE',
      message: /does not answer; is tslb running, with "enabled = true" in \[api\]\?.*--api, TSLB_API or -c FILE/,
    });
  }
});

test('a server that does not answer is not waited for without an end', async (t) => {
  const client = await serving(t, () => {});
  await assert.rejects(client.json('/v1/info', { timeoutMs: 50 }), {
    code: 'TSLB_API_UNREACHABLE',
    message: /takes too long/,
  });
});

test('a server that speaks something else, or leaves, is told from an API', async (t) => {
  const speaking = (await listening(
    t,
    createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n')),
  )) as AddressInfo;
  await assert.rejects(clientOf(t, `http://127.0.0.1:${speaking.port}`).json('/v1/info'), {
    code: 'TSLB_API_ANSWER',
    message: /does not speak HTTP; with TLS its address begins with https/,
  });
  const leaving = (await listening(
    t,
    createTcpServer((socket) => socket.destroy()),
  )) as AddressInfo;
  await assert.rejects(clientOf(t, `http://127.0.0.1:${leaving.port}`).json('/v1/info'), {
    code: 'TSLB_API_UNREACHABLE',
    message: /has closed the connection/,
  });
});

test('with TLS it trusts the certificates of --ca, and all with --insecure', async (t) => {
  const { cert, key } = makeCertificate({ names: ['localhost'] });
  const server = createTlsServer({ cert, key }, answering(200, {}));
  const { port } = (await listening(t, server)) as AddressInfo;
  const address = `https://localhost:${port}`;
  await assert.rejects(clientOf(t, address).json('/'), { code: 'TSLB_API_TLS', message: /not trusted.*--ca FILE/ });
  assert.deepEqual(await clientOf(t, address, { ca: cert }).json('/'), {});
  assert.deepEqual(await clientOf(t, address, { insecure: true }).json('/'), {});
});

test('TLS where there is none is told', async (t) => {
  const { port } = (await listening(t, createServer(answering(200, {})))) as AddressInfo;
  await assert.rejects(clientOf(t, `https://127.0.0.1:${port}`).json('/'), {
    code: 'TSLB_API_TLS',
    message: /does not speak TLS; its address begins with http:/,
  });
});
