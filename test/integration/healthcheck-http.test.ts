import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';

import { temporaryFile, temporaryFolder } from '../helpers/processes/cli.ts';
import { checkBy } from '../helpers/rigs/checking.ts';
import { REFUSING } from '../helpers/sockets/backends.ts';
import { makeCertificate } from '../helpers/sockets/certificate.ts';

function http(keys: Record<string, unknown> = {}) {
  return checkBy({ kind: 'http', ...keys });
}

/** A server that keeps what it was asked. */
async function startServer(t: TestContext, answer: RequestListener, at?: { path: string }) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  t.after(() => server.close());
  if (at === undefined) server.listen(0, '127.0.0.1');
  else server.listen(at.path);
  await once(server, 'listening');
  return { asked, port: at === undefined ? (server.address() as AddressInfo).port : 0, server };
}

function localhost(port: number) {
  return { host: '127.0.0.1', port };
}

describe('a check by HTTP', () => {
  test('asks for the page on a connection of its own', async (t) => {
    const { asked, port, server } = await startServer(t, (_, response) => response.end('hello'));
    const check = http({ http_method: 'HEAD', http_path: '/health?full=1', http_host: 'www.example.org' });
    assert.equal(await check(localhost(port)), 'passed');
    const [request] = asked;
    const { host, connection, 'user-agent': agent } = request?.headers ?? {};
    assert.deepEqual([request?.method, request?.url], ['HEAD', '/health?full=1']);
    assert.deepEqual([host, connection, agent], ['www.example.org', 'close', 'tslb']);
    if (request?.socket.closed === false) await once(request.socket, 'close');
    const open = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
    assert.equal(open, 0);
  });

  test('names the host and port that are asked', async (t) => {
    const { asked, port } = await startServer(t, (_, response) => response.end());
    const path = join(temporaryFolder(t), 'http.sock');
    const unix = await startServer(t, (_, response) => response.end(), { path });
    await http()({ host: 'localhost', port });
    await http({ port })({ host: '127.0.0.1', port: 1 });
    assert.equal(await http()({ path }), 'passed');
    assert.deepEqual(
      [...asked, ...unix.asked].map(({ headers }) => headers.host),
      [`localhost:${port}`, `127.0.0.1:${port}`, 'localhost'],
    );
  });

  test('takes the statuses that it is told to', async (t) => {
    const { port } = await startServer(t, ({ url = '' }, response) => response.writeHead(Number(url.slice(1))).end());
    const by = (status: number, keys = {}) => http({ http_path: `/${status}`, ...keys })(localhost(port));
    for (const status of [200, 204, 301, 399]) assert.equal(await by(status), 'passed');
    for (const status of [400, 404, 503]) assert.equal(await by(status), `the status is ${status}`);
    const keys = { http_expected_status: '200,404,500-502' };
    for (const status of [200, 404, 501]) assert.equal(await by(status, keys), 'passed');
    for (const status of [204, 503]) assert.equal(await by(status, keys), `the status is ${status}`);
  });

  test('looks at what comes after an interim answer', async (t) => {
    const { port } = await startServer(t, (_, response) => {
      response.writeProcessing();
      response.writeHead(503).end();
    });
    assert.equal(await http()(localhost(port)), 'the status is 503');
  });

  test('looks for a pattern in the body', async (t) => {
    const { port } = await startServer(t, (_, response) => {
      response.write('status: ');
      response.end('Öl OK');
    });
    const by = (pattern: string) => http({ http_expected_body: pattern })(localhost(port));
    assert.equal(await by('status: .l ok'), 'the body does not match (14 bytes, beginning with "status: Öl OK")');
    assert.equal(await by('(?i)status: .l ok$'), 'passed');
    assert.equal(
      await http({ http_expected_body: '.', http_method: 'HEAD' })(localhost(port)),
      'the body does not match (0 bytes, beginning with "")',
    );
  });

  test('looks at the first 64 KiB of a body, and no further', async (t) => {
    const { port } = await startServer(t, (_, response) => {
      response.write('x'.repeat(64 * 1024 - 2));
      response.write('ok but not this');
    });
    const by = (pattern: string) => http({ http_expected_body: pattern })(localhost(port));
    assert.equal(await by('ok$'), 'passed');
    assert.match(await by('not this'), /^the body does not match \(65536 bytes/);
  });

  test('ends a pattern that runs wild on a body', async (t) => {
    const { port } = await startServer(t, (_, response) => response.end(`${'a'.repeat(60_000)}!`));
    const check = http({ http_expected_body: '^(a+)+$' });
    assert.equal(await check(localhost(port)), 'the pattern takes too long to match this answer');
  });

  test('says when there is no listener', async () => {
    assert.equal(await http()(REFUSING), 'connection refused');
  });
});

describe('a check by HTTPS', () => {
  const authority = makeCertificate({ names: ['Test CA'] });

  /** Trusts the authority from its creation on; certificates are read at the first check. */
  function trusting(t: TestContext): void {
    const before = process.env['SSL_CERT_FILE'];
    t.after(() => {
      if (before === undefined) delete process.env['SSL_CERT_FILE'];
      else process.env['SSL_CERT_FILE'] = before;
    });
    process.env['SSL_CERT_FILE'] = temporaryFile(t, 'authority.pem', authority.cert);
  }

  async function startTls(t: TestContext, names: readonly string[], hasExpired = false) {
    const serverNames: (string | false | undefined)[] = [];
    const { cert, key } = makeCertificate({ names, issuer: authority, hasExpired });
    const server = createTlsServer({ cert, key }, (request, response) => {
      serverNames.push((request.socket as { servername?: string | false }).servername);
      response.end('secret');
    });
    t.after(() => server.close());
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, asked: serverNames };
  }

  const https = (keys: Record<string, unknown> = {}) => http({ http_tls: true, http_expected_body: 'secret', ...keys });

  test("verifies the certificate for the backend's host", async (t) => {
    trusting(t);
    const { port, asked } = await startTls(t, ['localhost', '127.0.0.1']);
    assert.equal(await https()({ host: 'localhost', port }), 'passed');
    assert.equal(await https()({ host: '127.0.0.1', port }), 'passed');
    assert.deepEqual(asked, ['localhost', false]);
  });

  test('verifies it for the name of the configuration, and sends that', async (t) => {
    trusting(t);
    const { port, asked } = await startTls(t, ['web.internal']);
    assert.equal(await https({ http_tls_server_name: 'web.internal' })(localhost(port)), 'passed');
    assert.deepEqual(asked, ['web.internal']);
    assert.match(await https()(localhost(port)), /^Hostname\/IP does not match certificate's altnames/);
    assert.match(await https({ http_tls_server_name: 'other.internal' })(localhost(port)), /does not match/);
  });

  test('refuses certificates without a trusted signature, and expired ones', async (t) => {
    const { port } = await startTls(t, ['localhost']);
    assert.match(await https()({ host: 'localhost', port }), /unable to verify|self-signed|unable to get/);
    trusting(t);
    const old = await startTls(t, ['localhost'], true);
    assert.equal(await https()({ host: 'localhost', port: old.port }), 'certificate has expired');
  });

  test('takes any certificate when it is told to', async (t) => {
    const { port } = await startTls(t, ['elsewhere'], true);
    assert.equal(await https({ http_tls_ignore_verify: true })(localhost(port)), 'passed');
  });

  test('says what is wrong with a server that speaks no TLS, or only TLS', async (t) => {
    const plain = await startServer(t, (_, response) => response.end());
    assert.match(await https()(localhost(plain.port)), /wrong version number|packet length|closed/i);
    const { port } = await startTls(t, ['localhost']);
    assert.match(await http()(localhost(port)), /^(closed without an answer|connection reset|the answer is not HTTP)$/);
  });

  test('a probe by TLS has the same choices', async (t) => {
    trusting(t);
    const { port } = await startTls(t, ['web.internal']);
    const probe = (keys: Record<string, unknown>) =>
      checkBy({
        kind: 'probe',
        probe_protocol: 'tls',
        probe_send: 'GET / HTTP/1.0\\r\\n\\r\\n',
        probe_recv: 'HTTP/1.1 200 ',
        ...keys,
      })(localhost(port));
    assert.equal(await probe({ probe_tls_server_name: 'web.internal' }), 'passed');
    assert.equal(await probe({ probe_tls_ignore_verify: true }), 'passed');
    assert.match(await probe({}), /does not match certificate/);
  });
});
