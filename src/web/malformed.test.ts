import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';

import { ask, exchange, open, startWeb, untilClosed } from '../../test/helpers/sockets/web.ts';

const HOST = 'Host: localhost\r\n';

/** None of them is a request of HTTP/1.1 that a route may see. */
const MALFORMED: readonly (string | Buffer)[] = [
  'x\r\n\r\n',
  'GET\r\n\r\n',
  'GET /\r\n\r\n',
  ' GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
  `GET /a b HTTP/1.1\r\n${HOST}\r\n`,
  `GET / HTTP/1.1 \r\n${HOST}\r\n`,
  `GET / HTTP/9.9\r\n${HOST}\r\n`,
  `GET / HTTP/1.10\r\n${HOST}\r\n`,
  `GET / HTTP/2.0\r\n${HOST}\r\n`,
  `GET / http/1.1\r\n${HOST}\r\n`,
  `GET / FTP/1.1\r\n${HOST}\r\n`,
  `get / HTTP/1.1\r\n${HOST}\r\n`,
  `FOO / HTTP/1.1\r\n${HOST}\r\n`,
  `G\0T / HTTP/1.1\r\n${HOST}\r\n`,
  `GET /\0 HTTP/1.1\r\n${HOST}\r\n`,
  `GET / HTTP/1.1\r\n${HOST}\0: y\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}x: \0\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}x: a\rb\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}x y: z\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}x : z\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}: z\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}no colon\r\n\r\n`,
  `GET / HTTP/1.1\r\n x: folded\r\n${HOST}\r\n`,
  `GET / HTTP/1.1\r\n\r\n`,
  `GET x HTTP/1.1\r\n${HOST}\r\n`,
  `GET \x7f HTTP/1.1\r\n${HOST}\r\n`,
  `GET /%zz HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
  `GET /%c0%ae HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Content-Length: x\r\n\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Content-Length: +1\r\n\r\n1`,
  `POST / HTTP/1.1\r\n${HOST}Content-Length: 1.5\r\n\r\n12`,
  `POST / HTTP/1.1\r\n${HOST}Content-Length: 0x5\r\n\r\n12345`,
  `POST / HTTP/1.1\r\n${HOST}Content-Length: 99999999999999999999999\r\n\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n12`,
  `POST / HTTP/1.1\r\n${HOST}Content-Length: 1, 2\r\n\r\n12`,
  `POST / HTTP/1.1\r\n${HOST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: x\r\n\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nx\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n-1\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\n`,
  `CONNECT x:80 HTTP/1.1\r\n${HOST}\r\n`,
  `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
  'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
  Buffer.from('16030100c8010000c40303', 'hex'),
  Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
  Buffer.from('fffefdfcfbfa', 'hex'),
  '{"not": "http"}\r\n\r\n',
  '\u{1f600}\r\n\r\n',
];

test('fifty kinds of malformed requests are refused, end the connection, and harm no other client', async (t) => {
  assert.ok(MALFORMED.length >= 50, String(MALFORMED.length));
  const reached: string[] = [];
  const { address, log } = await startWeb(t, (app) => {
    app.get('/', () => 'hello');
    app.addHook('preHandler', (request, _reply, done) => {
      if (!request.is404) reached.push(request.url);
      done();
    });
  });
  for (const bytes of MALFORMED) {
    const answer = await exchange(t, address, bytes);
    const isTunnel = String(bytes).startsWith('CONNECT');
    assert.match(answer, isTunnel ? /^$/ : /^HTTP\/1\.1 4\d\d /, JSON.stringify(String(bytes)));
  }
  assert.deepEqual(reached, []);
  assert.equal((await ask(address, '/')).body, 'hello');
  assert.deepEqual(log.lines, []);
});

test('rubbish behind a request whose answer is under way is not answered into it', async (t) => {
  const calls = new EventEmitter();
  const { address } = await startWeb(t, (app) => {
    app.get('/', () => {
      calls.emit('call');
      return new Promise<string>(() => undefined);
    });
  });
  const socket = open(t, address);
  const called = once(calls, 'call');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await called;
  socket.write('rubbish\r\n\r\n');
  assert.equal(await untilClosed(socket), '');
});
