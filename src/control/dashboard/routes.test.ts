import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { PAGE_LOGIN, startStatsPage } from '../../../test/helpers/browser/stats-page.ts';
import { fakeControl, FakeStats, serverStats } from '../../../test/helpers/fakes/fake-control.ts';
import { backendStatus } from '../../../test/helpers/fakes/statuses.ts';
import { ask, basic } from '../../../test/helpers/sockets/web.ts';
import type { Actor } from '../../core/steering.ts';

const LOGIN = basic(PAGE_LOGIN.login, PAGE_LOGIN.password);
const EVIL = '"><script>alert(1)</script>';

function looked() {
  return { control: fakeControl(), stats: new FakeStats([serverStats('web', [backendStatus('127.0.0.1:80')])]) };
}

function tokenOf(page: string): string {
  return /name="tslb-csrf" content="([^"]+)"/.exec(page)?.[1] ?? '';
}

describe('the page', () => {
  test('has everything without script, and loads itself again where none runs', async (t) => {
    const { address } = await startStatsPage(t, looked());
    const { status, headers, body } = await ask(address, '/stats');
    assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8']);
    assert.match(body, /<noscript><meta http-equiv="refresh" content="30" \/><\/noscript>/);
    assert.match(body, /<bdi class="name">127\.0\.0\.1:80<\/bdi>[^]*?>unchecked</);
    assert.doesNotMatch(body, /style=|<script>|https?:\/\//);
  });

  test('runs and loads only its own files, and is neither cached nor framed', async (t) => {
    const { address } = await startStatsPage(t, looked());
    const { headers } = await ask(address, '/stats');
    const policy = String(headers['content-security-policy']).split('; ');
    for (const directive of ["default-src 'none'", "script-src 'self'", "base-uri 'none'", "form-action 'none'"]) {
      assert.ok(policy.includes(directive), directive);
    }
    assert.ok(policy.includes("frame-ancestors 'none'"));
    assert.doesNotMatch(policy.join(), /unsafe|\*|http/);
    assert.deepEqual(
      [headers['cache-control'], headers['x-content-type-options'], headers['referrer-policy']],
      ['no-store', 'nosniff', 'no-referrer'],
    );
  });

  test('shows names and reasons as text', async (t) => {
    const health = { state: 'down', isLive: false, reason: EVIL, consecutive: 1, durationMs: 1, checkedAt: 1 } as const;
    const backend = { ...backendStatus(`${EVIL}:80`), obstacle: 'down', health } as const;
    const stats = new FakeStats([serverStats(EVIL, [backend])]);
    const { address } = await startStatsPage(t, { control: fakeControl(), stats });
    const { body } = await ask(address, '/stats');
    assert.doesNotMatch(body, /<script>/);
    assert.equal(body.split('&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;').length - 1, 4, body);
  });

  test("heeds HAProxy's words behind its path, and its path with a slash", async (t) => {
    const { address } = await startStatsPage(t, looked());
    const still = await ask(address, '/stats;norefresh');
    assert.deepEqual([still.status, still.body.includes('http-equiv')], [200, false]);
    const short = [
      '/stats;csv',
      '/stats;csv;norefresh',
      '/stats;norefresh;csv',
      '/stats/;csv',
      '/stats/;csv;norefresh',
    ];
    for (const path of [...short, '/stats?;csv', '/stats?a=b;csv', '/stats/x;csv', '/statsX;csv']) {
      const { status, headers, body } = await ask(address, path);
      assert.deepEqual(
        [status, headers['content-type'], body.startsWith('# pxname,svname,')],
        [200, 'text/plain; charset=utf-8', true],
        path,
      );
    }
    for (const path of ['/stats/', '/stats/;norefresh', '/stats/;st=DENY']) {
      const { status, body } = await ask(address, path);
      assert.deepEqual([status, body.includes('src="../stats/page.js"')], [200, true], path);
    }
    for (const path of ['/stats;json', '/stats/;typed']) assert.equal((await ask(address, path)).status, 404, path);
    for (const path of ['/stats/x', '/stats/csv', '/stats%3Bcsv', '/stat;csv', '//stats;csv', '/stats/v1/nix'])
      assert.equal((await ask(address, path)).status, 404, path);
  });

  test('answers HEAD as GET, without the body, and a POST with where to look', async (t) => {
    const { address } = await startStatsPage(t, looked());
    for (const path of ['/stats', '/stats/', '/stats;csv', '/stats/;csv;norefresh', '/stats/page.js']) {
      const [got, head] = [await ask(address, path), await ask(address, path, { method: 'HEAD' })];
      assert.deepEqual([head.status, head.body, head.headers['content-type']], [200, '', got.headers['content-type']]);
      if (!path.includes('csv')) assert.equal(head.headers['content-length'], got.headers['content-length'], path);
    }
    const form = { method: 'POST', body: 's=a&action=drain&b=web' };
    for (const [path, location] of [
      ['/stats', 'stats;st=DENY'],
      ['/stats/', '../stats;st=DENY'],
      ['/stats;csv;up;norefresh', 'stats;st=DENY;up;norefresh'],
      ['/stats/;csv', '../stats;st=DENY'],
    ] as const) {
      for (const type of ['application/x-www-form-urlencoded', 'application/json', 'text/x']) {
        const { status, headers, body } = await ask(address, path, { ...form, headers: { 'content-type': type } });
        assert.deepEqual([status, headers.location, body], [303, location, ''], `${path} ${type}`);
      }
    }
    for (const method of ['PUT', 'DELETE']) assert.equal((await ask(address, '/stats;csv', { method })).status, 404);
  });

  test('asks for the login however its words are written', async (t) => {
    const { address } = await startStatsPage(t, looked(), { auth: PAGE_LOGIN });
    for (const path of ['/stats', '/stats/', '/stats;csv', '/stats/;csv', '/stats/x;csv', '/stats?;csv']) {
      for (const method of ['GET', 'HEAD', 'POST']) {
        assert.equal((await ask(address, path, { method })).status, 401, `${method} ${path}`);
      }
      assert.equal((await ask(address, path, { headers: LOGIN })).status, 200, path);
    }
  });

  test('is not loaded again where refresh is 0', async (t) => {
    const { address } = await startStatsPage(t, looked(), { refreshMs: 0 });
    assert.doesNotMatch((await ask(address, '/stats')).body, /http-equiv/);
  });
});

describe('what the page loads', () => {
  test('are the files that were built, packed for clients that accept it, and 304 when they are the same', async (t) => {
    const { address } = await startStatsPage(t, looked());
    for (const [file, type] of [
      ['page.js', 'text/javascript; charset=utf-8'],
      ['theme.js', 'text/javascript; charset=utf-8'],
      ['page.css', 'text/css; charset=utf-8'],
      ['icon.svg', 'image/svg+xml'],
      ['licenses.txt', 'text/plain; charset=utf-8'],
    ]) {
      const plain = await ask(address, `/stats/${file}`);
      assert.deepEqual([plain.status, plain.headers['content-type']], [200, type]);
      const packed = await ask(address, `/stats/${file}`, { headers: { 'accept-encoding': 'gzip' } });
      assert.equal(packed.headers['content-encoding'], 'gzip');
      const etags = [plain.headers.etag ?? '', packed.headers.etag ?? ''];
      assert.notEqual(etags[0], etags[1]);
      const same = await ask(address, `/stats/${file}`, { headers: { 'if-none-match': etags[0] ?? '' } });
      assert.deepEqual([same.status, same.body], [304, '']);
    }
  });

  test('are unpacked what they are plain', async (t) => {
    const { address } = await startStatsPage(t, looked());
    assert.ok('port' in address);
    const unpacked = await fetch(`http://127.0.0.1:${address.port}/stats/page.css`);
    assert.equal(unpacked.headers.get('content-encoding'), 'gzip');
    assert.equal(await unpacked.text(), (await ask(address, '/stats/page.css')).body);
  });

  test('are no other files, however they are asked for', async (t) => {
    const { address } = await startStatsPage(t, looked());
    for (const path of ['/', '/stats/../package.json', '/stats/%2e%2e/package.json', '/stats/page.js.map', '/statsx']) {
      assert.equal((await ask(address, path)).status, 404, path);
    }
  });
});

describe('the right to make changes', () => {
  function changing() {
    const actors: Actor[] = [];
    const control = fakeControl({
      backends: { change: async (_server, _backend, _change, by) => void actors.push(by) },
    });
    const { stats } = looked();
    return { control, stats, actors };
  }
  const PATCH = '/stats/v1/servers/web/backends/127.0.0.1%3A80';
  const draining = (headers: Record<string, string>) => {
    const body = JSON.stringify({ state: 'draining' });
    return { method: 'PATCH', body, headers: { 'content-type': 'application/json', ...headers } };
  };

  test('needs a login, admin and the page; the control is told the login', async (t) => {
    const { actors, ...parts } = changing();
    const { address } = await startStatsPage(t, parts, { admin: true, auth: PAGE_LOGIN });
    assert.equal((await ask(address, '/stats')).status, 401);
    const token = tokenOf((await ask(address, '/stats', { headers: LOGIN })).body);
    const { status, body } = await ask(address, PATCH, draining({ ...LOGIN, 'x-tslb-csrf': token }));
    assert.equal(status, 200, body);
    assert.deepEqual(actors, [{ via: 'page', login: 'admin', client: '127.0.0.1' }]);
  });

  test('is refused without the token, from another site, or without admin', async (t) => {
    const { actors, ...parts } = changing();
    const { address } = await startStatsPage(t, parts, { admin: true, auth: PAGE_LOGIN });
    const token = tokenOf((await ask(address, '/stats', { headers: LOGIN })).body);
    const forged: Record<string, string>[] = [
      {},
      { 'x-tslb-csrf': 'x' },
      { 'x-tslb-csrf': token, 'sec-fetch-site': 'cross-site' },
      { 'x-tslb-csrf': token, origin: 'http://evil.example' },
    ];
    for (const headers of forged)
      assert.equal((await ask(address, PATCH, draining({ ...LOGIN, ...headers }))).status, 403);
    const looking = await startStatsPage(t, parts, { auth: PAGE_LOGIN });
    const page = await ask(looking.address, '/stats', { headers: LOGIN });
    assert.doesNotMatch(page.body, /tslb-csrf/);
    const { status, body } = await ask(looking.address, PATCH, draining({ ...LOGIN, 'x-tslb-csrf': token }));
    assert.deepEqual([status, (JSON.parse(body) as { error: { code: string } }).error.code], [403, 'TSLB_FORBIDDEN']);
    assert.deepEqual(actors, []);
  });
});
