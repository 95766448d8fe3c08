import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { serverToml, startTslb } from '../helpers/processes/cli.ts';
import { serviceOf } from '../helpers/processes/services.ts';
import { TestV1 } from '../helpers/rigs/v1.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { readEvents, type ReadEvent } from '../helpers/sockets/events.ts';
import { answerOf, listed, openEcho, roundTrip, startNamed } from '../helpers/sockets/traffic.ts';
import { ask, basic } from '../helpers/sockets/web.ts';

const API = '[api]\nenabled = true\nbind = "127.0.0.1:0"\n';
const LOGIN = '[api.basic_auth]\nlogin = "admin"\npassword = "hunter2"\n';

function codeOf(body: unknown): string {
  return (body as { error: { code: string } }).error.code;
}

function changesOf(events: readonly ReadEvent[]): readonly Readonly<Record<string, unknown>>[] {
  return events.flatMap(({ event, data }) => (event === 'change' ? [data as Readonly<Record<string, unknown>>] : []));
}

test('a reload by the API says what it has changed, or all that is wrong with the file', async (t) => {
  const [a, echoing] = [listed(await startNamed(t, 'A')), listed(await startBackend(t, echo))];
  const web = serverToml('web', [echoing]);
  const running = await startTslb(t, API + web + serverToml('old', [a], { bind: '127.0.0.2:0' }));
  const v1 = new TestV1(await serviceOf(running, 'api'));
  const client = await openEcho(t, running.at('web'));

  const mail = serverToml('mail', [a], { bind: '127.0.0.3:0' });
  writeFileSync(running.configFile, API + web.replace('[servers.web]', '[servers.web]\nretries = 9') + mail);
  const good = await v1.ask('POST /reload');
  const result = { added: ['mail'], changed: ['web'], removed: ['old'], unchanged: [], warnings: [] };
  assert.deepEqual([good.status, good.body], [200, result]);
  assert.equal(await answerOf(running.at('mail')), 'A');
  await roundTrip(client);

  writeFileSync(running.configFile, `${API}${web}balence = "weight"\n${serverToml('x', ['nowhere'], { bind: 7.5 })}`);
  const bad = await v1.ask('POST /reload');
  const { error } = bad.body as { error: { code: string; problems: readonly { path: string }[] } };
  assert.deepEqual([bad.status, error.code], [422, 'TSLB_CONFIG_REFUSED']);
  const paths = error.problems.map(({ path }) => path);
  assert.ok(paths.includes('servers.x.bind') && paths.includes('servers.x.discovery.static_list[0]'), String(paths));

  writeFileSync(running.configFile, API);
  const empty = await v1.ask('POST /reload');
  assert.deepEqual([empty.status, codeOf(empty.body)], [409, 'TSLB_NO_SERVERS']);
  await roundTrip(client);
});

test('the log says more when it is asked to, and names the operator', async (t) => {
  const echoing = listed(await startBackend(t, echo));
  const running = await startTslb(t, API + LOGIN + serverToml('web', [echoing]));
  const v1 = new TestV1(await serviceOf(running, 'api'));
  const login = basic('admin', 'hunter2');
  assert.deepEqual((await v1.ask('GET /log-level', undefined, login)).body, { level: 'info' });
  assert.deepEqual((await v1.ask('PUT /log-level', { level: 'debug' }, login)).body, { level: 'debug' });
  await running.logged(/log level changed .*admin/);
  await (await openEcho(t, running.at('web'))).finish();
  await running.logged(/\[DEBUG\]/);
  const { status, body } = await v1.ask('PUT /log-level', { level: 'loud' }, login);
  assert.deepEqual([status, codeOf(body)], [422, 'TSLB_LOG_LEVEL']);
  assert.deepEqual((await v1.ask('GET /info', undefined, login)).body, {
    ...((await v1.ask('GET /info', undefined, login)).body as object),
    pid: running.pid,
    config_file: running.configFile,
    log_level: 'debug',
    admin: true,
    login: 'admin',
  });
  assert.ok(!running.has(/hunter2/));
});

test('a client that watches hears of changes in their order, and goes on where it was', async (t) => {
  const [a, b] = [listed(await startNamed(t, 'A')), listed(await startNamed(t, 'B'))];
  const running = await startTslb(t, API + serverToml('web', [a, b]));
  const address = await serviceOf(running, 'api');
  const v1 = new TestV1(address);
  const watch = (id?: string) =>
    readEvents(t, address, '/v1/events?snapshots=false', id === undefined ? {} : { 'last-event-id': id });
  const first = await watch();
  await v1.ask(`PATCH /servers/web/backends/${a}`, { state: 'draining' });
  await v1.ask('POST /counters/reset', { server: 'web' });
  await v1.ask('POST /reload');
  await first.untilThat((events) => changesOf(events).some(({ type }) => type === 'reloaded'));
  const seen = changesOf(first.events).map(({ type, what }) => `${String(type)} ${String(what)}`);
  const places = [/^backend state/, /^changed .*draining/, /^reset/, /^reloaded/].map((what) =>
    seen.findIndex((each) => what.test(each)),
  );
  assert.deepEqual(
    places.toSorted((x, y) => x - y),
    places,
    seen.join('\n'),
  );
  assert.ok(!places.includes(-1), seen.join('\n'));

  first.leave();
  await v1.ask(`PATCH /servers/web/backends/${a}`, { state: null });
  const second = await watch(first.events.at(-1)?.id);
  await second.until(2);
  const later = changesOf(second.events);
  assert.ok(later.every(({ at }) => String(at) >= String(changesOf(first.events).at(-1)?.['at'])));
  assert.ok(later.some(({ type, what }) => type === 'backend' && what === 'state'));
  assert.equal(
    new Set([...first.events, ...second.events].map(({ id }) => id)).size,
    first.events.length + second.events.length,
  );
});

test('a client that watches gets a snapshot every second, with what happens meanwhile', async (t) => {
  const running = await startTslb(t, API + serverToml('web', [listed(await startBackend(t, echo))]));
  const events = await readEvents(t, await serviceOf(running, 'api'), '/v1/events?changes=false');
  interface Snapshot {
    readonly at: string;
    readonly servers: readonly { accepted: number; rx: number; rates: { connections: number } }[];
  }
  const snapshots = () => events.events.map(({ data }) => data as Snapshot);
  await events.until(3);
  await openEcho(t, running.at('web'));
  await events.untilThat(() => snapshots().some(({ servers }) => servers[0]?.accepted === 1 && servers[0].rx === 1));
  await events.untilThat(() => snapshots().some(({ servers }) => (servers[0]?.rates.connections ?? 0) > 0));
  const times = snapshots().map(({ at }) => Date.parse(at));
  assert.ok(times.slice(1).every((time, index) => time > (times[index] ?? Infinity)));
});

test('on the stats page every viewer reads, and changes need admin, a login and the token of the page', async (t) => {
  const a = listed(await startNamed(t, 'A'));
  const stats = '[stats]\nenabled = true\nbind = "127.0.0.1:0"\n';
  const login = '[stats.basic_auth]\nlogin = "admin"\npassword = "hunter2"\n';
  const running = await startTslb(t, `${stats}admin = true\n${login}${serverToml('web', [a])}`);
  const address = await serviceOf(running, 'stats');
  const asked = async (request: string, body: unknown, headers: Readonly<Record<string, string>>) => {
    const answer = await new TestV1(address, '/stats/v1').ask(request, body, headers);
    return { status: answer.status, body: answer.body };
  };
  const who = basic('admin', 'hunter2');
  const change = (headers: Readonly<Record<string, string>>) => asked('PUT /log-level', { level: 'debug' }, headers);
  assert.equal((await change({})).status, 401);
  const forged = await change(who);
  assert.deepEqual([forged.status, codeOf(forged.body)], [403, 'TSLB_FORBIDDEN']);
  const { body: page } = await ask(address, '/stats', { headers: who });
  const token = /<meta name="tslb-csrf" content="([^"]+)"/.exec(page)?.[1] ?? '';
  assert.deepEqual(await change({ ...who, 'x-tslb-csrf': token }), { status: 200, body: { level: 'debug' } });
  assert.equal((await change({ ...who, 'x-tslb-csrf': `${token}x` })).status, 403);
  const { body } = await asked('GET /info', undefined, who);
  assert.deepEqual([(body as { admin: boolean }).admin, (body as { login: string }).login], [true, 'admin']);
  const { servers, components } = (await asked('GET /openapi.json', undefined, who)).body as {
    servers: readonly { url: string }[];
    components: { securitySchemes: object };
  };
  assert.deepEqual([servers, Object.keys(components.securitySchemes)], [[{ url: '/stats/v1' }], ['basic', 'token']]);
});
