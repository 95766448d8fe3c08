import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serverTable, startEcho, V1App } from '../helpers/rigs/v1-app.ts';
import { answerOf, listed, openEcho, roundTrip, startNamed, untilRefused } from '../helpers/sockets/traffic.ts';

describe('DELETE of a server', () => {
  test('cuts at once, and answers when all are gone', async (t) => {
    const run = await V1App.start(t, [await startEcho(t)]);
    const client = await openEcho(t, run.app.address);
    assert.deepEqual(await run.ok('DELETE /servers/web'), { removed: 'web' });
    assert.equal((await client.closed()).end, 'ECONNRESET');
    await untilRefused(run.app.address);
    await run.refused('GET /servers/web', undefined, 404);
    assert.equal((await run.refused('DELETE /servers/web', undefined, 404)).code, 'TSLB_NO_SUCH_SERVER');
  });

  test('drains when it is asked to: open connections go on, and the answer waits for the last', async (t) => {
    const run = await V1App.start(t, [await startEcho(t)]);
    const client = await openEcho(t, run.app.address);
    let isAnswered = false;
    const answer = run.ok('DELETE /servers/web?drain=1h').then((body) => {
      isAnswered = true;
      return body;
    });
    await untilRefused(run.app.address);
    await roundTrip(client);
    await run.refused('GET /servers/web', undefined, 404);
    assert.equal(isAnswered, false);
    await client.finish('last');
    assert.deepEqual((await client.closed()).end, 'FIN');
    assert.deepEqual(await answer, { removed: 'web' });
  });

  test('cuts what is left when the time is up', async (t) => {
    const run = await V1App.start(t, [await startEcho(t)]);
    const client = await openEcho(t, run.app.address);
    assert.deepEqual(await run.ok('DELETE /servers/web?drain=100ms'), { removed: 'web' });
    assert.equal((await client.closed()).end, 'ECONNRESET');
  });

  test('gives its name and address back while it drains', async (t) => {
    const [echoing, a] = [await startEcho(t), listed(await startNamed(t, 'A'))];
    const run = await V1App.start(t, [echoing]);
    const { port } = run.app.address as { port: number };
    const client = await openEcho(t, run.app.address);
    const answer = run.ok('DELETE /servers/web?drain=1h');
    await untilRefused(run.app.address);
    await run.ok('PUT /servers/web', serverTable(port, [a]), 201);
    assert.equal(await answerOf(run.app.address), 'A');
    await client.finish();
    await client.closed();
    await answer;
    assert.equal(await answerOf(run.app.address), 'A');
  });
});
