import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { ask, startWeb } from '../../../test/helpers/sockets/web.ts';
import { SharedText } from './shared-text.ts';

/** More than the buffers of the system take. */
const LARGE = 16_000_000;
const CROWD = 9;

async function start(t: TestContext, bytes: number) {
  const clock = new FakeClock();
  const made: string[] = [];
  const { address } = await startWeb(t, (app) => {
    const make = async (): Promise<string> => {
      made.push('made');
      return String(made.length).padEnd(bytes, ' ');
    };
    const text = new SharedText(make, clock, () => app.answering());
    app.get('/', () => text.bytes());
  });
  const asked = async (): Promise<number> => Number((await ask(address, '/')).body);
  return { clock, asked, made, port: 'port' in address ? address.port : 0 };
}

/** Asks, and reads the beginning of the answer alone. */
async function deafClient(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'readable');
  return socket;
}

test('each request gets a new text', async (t) => {
  const { asked } = await start(t, 10);
  assert.deepEqual([await asked(), await asked(), await asked()], [1, 2, 3]);
});

test('while many do not read theirs, it is made once a second', async (t) => {
  const { clock, asked, made, port } = await start(t, LARGE);
  const deaf = await Promise.all(Array.from({ length: CROWD }, () => deafClient(t, port)));
  const before = made.length;
  assert.deepEqual([await asked(), await asked()], [before, before]);
  clock.advance(1000);
  assert.deepEqual([await asked(), await asked()], [before + 1, before + 1]);
  for (const socket of deaf) socket.destroy();
  while ((await asked()) === before + 1);
  assert.equal(made.length, before + 2);
});
