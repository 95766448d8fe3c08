import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { turn } from '../../../test/helpers/fakes/fake-clock.ts';
import { ask, open, startWeb, TestLog } from '../../../test/helpers/sockets/web.ts';
import { systemClock } from '../../core/clock.ts';
import { profilerRoutes } from './routes.ts';

const LISTED = [{ number: 7, engine: 'net', connections: 0, accepted: 0 }];

async function profiling(t: TestContext) {
  const log = new TestLog();
  const reading = { threads: () => LISTED, connections: async () => ({ total: 0, connections: [] }) };
  const routes = profilerRoutes({ reading, clock: systemClock, log: log.logger });
  const { address } = await startWeb(t, routes, { service: 'profiler' });
  const logged = async (msg: string): Promise<unknown> => {
    for (;;) {
      const line = log.lines.find((each) => each['msg'] === msg);
      if (line !== undefined) return line;
      await turn();
    }
  };
  /** A client that asks and waits, ended by the test. */
  const begin = async (path: string) => {
    const socket = open(t, address);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await logged('profile begun');
    return socket;
  };
  return { address, log, logged, begin };
}

test('the first page tells what there is, and of which threads', async (t) => {
  const { address } = await profiling(t);
  const { status, body } = await ask(address, '/');
  assert.equal(status, 200);
  assert.match(body, /GET \/cpu\?seconds=10&thread=main/);
  assert.match(body, /^7 +carries connections, engine net$/m);
});

test('a profile comes as a file that its tools know', async (t) => {
  const { address, log } = await profiling(t);
  const { status, headers, body } = await ask(address, '/snapshot');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/json');
  assert.match(headers['content-disposition'] ?? '', /^attachment; filename="tslb-main-\d{8}T\d{6}Z\.heapsnapshot"$/);
  assert.ok('snapshot' in (JSON.parse(body) as object));
  assert.deepEqual(
    log.lines.map(({ level, msg, kind, thread }) => [level, msg, kind, thread]),
    [
      ['info', 'profile begun', 'snapshot', 'main'],
      ['info', 'profile taken', 'snapshot', 'main'],
    ],
  );
});

test('there is one profile at a time, and a client that leaves ends its own', async (t) => {
  const { address, begin, logged } = await profiling(t);
  const socket = await begin('/cpu?seconds=60');
  const second = await ask(address, '/snapshot');
  assert.equal(second.status, 503);
  assert.ok(Number(second.headers['retry-after']) > 50);
  assert.match(second.body, /^a cpu profile is being taken, and there is one at a time; try again in \d+ s$/);
  socket.destroy();
  await logged('profile taken');
  assert.equal((await ask(address, '/snapshot')).status, 200);
});

test('what cannot be taken is refused with what to ask instead', async (t) => {
  const { address, log } = await profiling(t);
  for (const [path, status, body] of [
    ['/cpu?seconds=0', 400, 'seconds must be a whole number from 1 to 60, not "0"'],
    ['/cpu?seconds=61', 400, 'seconds must be a whole number from 1 to 60, not "61"'],
    ['/heap?seconds=1&seconds=2', 400, 'seconds must be given once'],
    ['/heap?thread=8', 404, 'there is no thread "8"; the threads are main, 7'],
    ['/debug/pprof/heap', 404, "this is Node's profiler, not Go's: GET / tells what it has"],
  ] as const) {
    const answer = await ask(address, path);
    assert.deepEqual([answer.status, answer.body], [status, body], path);
  }
  assert.deepEqual(log.lines, []);
  // It is listed, and ended before it was asked.
  const { status, body } = await ask(address, '/cpu?thread=7');
  assert.deepEqual([status, body], [404, 'the thread 7 has ended; GET / lists the threads']);
  assert.deepEqual(
    log.lines.map(({ msg }) => msg),
    ['profile begun', 'profile not taken'],
  );
});

test('a page of another site cannot have a thread stand still', async (t) => {
  const { address, log } = await profiling(t);
  for (const site of ['cross-site', 'same-site']) {
    const { status } = await ask(address, '/snapshot', { headers: { 'sec-fetch-site': site } });
    assert.equal(status, 403, site);
  }
  assert.deepEqual(log.lines, []);
  assert.equal((await ask(address, '/', { headers: { 'sec-fetch-site': 'none' } })).status, 200);
});
