import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';

import { discoverBy } from '../helpers/rigs/discovering.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of HTTP. @returns its `host:port` */
async function serving(t: TestContext, answer: Answer): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function page(text: string, status = 200): Answer {
  return (_, response) => response.writeHead(status).end(text);
}

function plaintext(endpoint: string, pattern?: string) {
  const keys = { kind: 'plaintext', plaintext_endpoint: endpoint };
  return discoverBy(pattern === undefined ? keys : { ...keys, plaintext_regex_pattern: pattern });
}

describe('backends that a page lists', () => {
  test('stand one on each line, and lines that cannot be read are skipped', async (t) => {
    const at = await serving(t, page('a:1 weight=2\r\n\r\nwhat\n[::1]:2 sni=x.org\n'));
    assert.deepEqual(await plaintext(`http://${at}/list`)(), {
      backends: ['a:1 2', '[::1]:2 1'],
      skipped: ['line 3: the port is missing in "what"'],
    });
  });

  test('stand as a pattern has them', async (t) => {
    const at = await serving(t, page('a,1,5,x\nb,2,,x\n::1,3,1,x\n# none\nc,99999,1,x\nd,4,-1,x\n'));
    const pattern = '^(?P<host>[^,#]+),(?P<port>\\d+),(?P<weight>-?\\d+)?,(?<sni>.*)$';
    assert.deepEqual(await plaintext(`http://${at}/list`, pattern)(), {
      backends: ['a:1 5', 'b:2 1', '[::1]:3 1'],
      skipped: [
        'line 4: "# none" does not match plaintext_regex_pattern',
        'line 5: the port 99999 is out of range',
        'line 6: weight must be a whole number from 0 to 1000000, not "-1"',
      ],
    });
  });

  test('are none only where the fetch has failed', async (t) => {
    const message = (text: string, status?: number) =>
      serving(t, page(text, status)).then((at) => plaintext(`http://${at}/`)());
    await assert.rejects(message(''), { message: 'the answer names no backends' });
    await assert.rejects(message('<html>'), {
      message: 'no line names a backend; line 1: "<html>" is not a host name',
    });
    await assert.rejects(message('a:1', 404), { message: 'the status is 404' });
    await assert.rejects(message('a:1', 503), { message: 'the status is 503' });
    await assert.rejects(plaintext('http://127.0.0.1:1/')(), { code: 'ECONNREFUSED' });
  });

  test('are not read without end', async (t) => {
    const at = await serving(t, page('a:1\n'.repeat(1_100_000)));
    await assert.rejects(plaintext(`http://${at}/`)(), { message: 'the answer has more than 4194304 bytes' });
  });

  test('may be elsewhere, a few times', async (t) => {
    const at = await serving(t, (request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('a:1');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    assert.deepEqual((await plaintext(`http://${at}/5`)()).backends, ['a:1 1']);
    await assert.rejects(plaintext(`http://${at}/6`)(), { message: 'more than 5 redirections' });
    const odd = await serving(t, (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    await assert.rejects(plaintext(`http://${odd}/`)(), { message: 'redirected to file:, which is not HTTP' });
  });

  test('need the login of their own server, which no other one gets', async (t) => {
    const seen: (string | undefined)[] = [];
    const other = await serving(t, (request, response) => {
      seen.push(request.headers.authorization);
      response.end('a:1');
    });
    const own = await serving(t, (request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(307, { location: `http://${other}/` }).end();
    });
    await plaintext(`http://me:s%40cret@${own}/`)();
    assert.deepEqual(seen, [`Basic ${Buffer.from('me:s@cret').toString('base64')}`, undefined]);
  });

  test('are waited for until the fetch is aborted', async (t) => {
    const abort = new AbortController();
    const silent = await serving(t, () => abort.abort());
    await assert.rejects(plaintext(`http://${silent}/`)(abort.signal), { message: 'incomplete answer' });
    const dying = await serving(t, (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('a:1\n', () => response.destroy());
    });
    await assert.rejects(plaintext(`http://${dying}/`)(), { message: 'closed within the answer' });
  });
});
