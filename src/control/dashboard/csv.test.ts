import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serverStats } from '../../../test/helpers/fakes/fake-control.ts';
import { NO_DATAGRAMS, backendStatus } from '../../../test/helpers/fakes/statuses.ts';
import { parseCsv } from '../../../test/helpers/texts/haproxy-csv.ts';
import type { BackendStatus } from '../../core/backend-status.ts';
import type { Health } from '../../core/healthcheck.ts';
import type { ServerStats } from '../../core/stats.ts';
import type { CheckKind } from './check-status.ts';
import { haproxyCsv } from './csv.ts';

const NOW = Date.UTC(2026, 0, 31);
const PROCESS = { uptimeMs: 0, rssBytes: 0, cpu: 0, loopDelayMs: 0 };

function rowsOf(servers: readonly ServerStats[], kind: CheckKind = 'ping') {
  const snapshot = { at: NOW, process: PROCESS, threads: [], servers };
  return parseCsv(haproxyCsv(snapshot, { openFilesLimit: 1024, checkKind: () => kind })).rows;
}

function lineOf(change: Partial<BackendStatus>, kind: CheckKind = 'ping') {
  return rowsOf([serverStats('web', [{ ...backendStatus('a:80'), ...change }])], kind)[1]!;
}

function health(change: Partial<Health>): Health {
  return { state: 'up', isLive: true, reason: 'passed', consecutive: 1, durationMs: 3.4, checkedAt: NOW, ...change };
}

test('a server is a frontend and a backend, and its backends are servers between them', () => {
  const rows = rowsOf([serverStats('web', [backendStatus('a:80'), backendStatus('b:80')]), serverStats('db', [])]);
  assert.deepEqual(
    rows.map(({ pxname, svname, type, iid, sid, mode, pid }) => [pxname, svname, type, iid, sid, mode, pid].join()),
    [
      ...['web,FRONTEND,0,1,0,tcp,1', 'web,a:80,2,1,1,tcp,1', 'web,b:80,2,1,2,tcp,1', 'web,BACKEND,1,1,0,tcp,1'],
      ...['db,FRONTEND,0,2,0,tcp,1', 'db,BACKEND,1,2,0,tcp,1'],
    ],
  );
});

test('figures are those of the server, bytes as HAProxy counts them: in is from the client', () => {
  const web = serverStats('web', [
    {
      ...backendStatus('a:80'),
      totals: { active: 2, peak: 4, total: 9, refused: 1, retried: 1, rx: 5000, tx: 70, ...NO_DATAGRAMS },
    },
    {
      ...backendStatus('b:80'),
      totals: { active: 1, peak: 1, total: 2, refused: 0, retried: 0, rx: 20, tx: 3, ...NO_DATAGRAMS },
    },
  ]);
  const { causes } = web.totals;
  const totals = {
    ...web.totals,
    active: 4,
    waiting: 1,
    peak: 6,
    accepted: 20,
    denied: 2,
    overClientRate: 1,
    noBackend: 3,
  };
  const ever = { connected: 11, refused: 1, rx: 5020, tx: 73 };
  const counted = { ...totals, ...ever, retried: 1, causes: { ...causes, CD: 2, CQ: 1, cU: 5, SD: 4, sF: 3 } };
  const [frontend, a, , backend] = rowsOf([{ ...web, maxConnections: 100, totals: counted }]);
  assert.deepEqual(
    [frontend?.['scur'], frontend?.['smax'], frontend?.['slim'], frontend?.['bin'], frontend?.['bout']],
    ['4', '6', '100', '73', '5020'],
  );
  assert.deepEqual([frontend?.['conn_tot'], frontend?.['dcon'], frontend?.['stot']], ['20', '3', '17']);
  assert.deepEqual([a?.['stot'], a?.['econ'], a?.['wredis'], a?.['bin'], a?.['bout']], ['9', '1', '1', '70', '5000']);
  assert.deepEqual(
    [backend?.['qcur'], backend?.['scur'], backend?.['stot'], backend?.['econ'], backend?.['cli_abrt']],
    ['1', '3', '11', '4', '8'],
  );
  assert.deepEqual([backend?.['srv_abrt'], backend?.['eresp'], backend?.['slim']], ['7', '4', '']);
});

test('what a server has counted does not go back when a backend leaves the list', () => {
  const web = serverStats('web', []);
  const totals = { ...web.totals, connected: 11, refused: 2, noBackend: 3, rx: 5020, tx: 73 };
  const backend = rowsOf([{ ...web, totals }]).at(-1);
  assert.deepEqual(
    [backend?.['stot'], backend?.['lbtot'], backend?.['connect'], backend?.['econ'], backend?.['bin']],
    ['11', '11', '11', '5', '73'],
  );
});

test('the backends have a limit where each has one', () => {
  const limits = [[], [5], [5, 7], [5, 0]].map((each) => {
    const backends = each.map((maxConnections, n) => ({ ...backendStatus(`b:${n}`), maxConnections }));
    return rowsOf([serverStats('web', backends)]).at(-1)?.['slim'];
  });
  assert.deepEqual(limits, ['', '5', '12', '']);
});

test('without a limit of its own a server has that of the process', () => {
  assert.equal(rowsOf([serverStats('web', [])])[0]?.['slim'], '512');
});

describe('the state of a backend in the words of HAProxy', () => {
  const cases: readonly [Partial<BackendStatus>, string][] = [
    [{}, 'no check'],
    [{ health: health({}) }, 'UP'],
    [{ health: health({ state: 'falling' }) }, 'UP'],
    [{ health: health({ state: 'down' }), obstacle: 'down' }, 'DOWN'],
    [{ health: health({ state: 'rising' }), obstacle: 'down' }, 'DOWN'],
    [{ health: health({}), obstacle: 'ejected' }, 'DOWN'],
    [{ obstacle: 'draining' }, 'DRAIN'],
    [{ obstacle: 'removed' }, 'DRAIN'],
    [{ obstacle: 'disabled' }, 'MAINT'],
    [{ obstacle: 'unresolved' }, 'MAINT (resolution)'],
  ];
  for (const [change, word] of cases) {
    test(`${change.health?.state ?? 'unchecked'}, ${change.obstacle ?? 'no obstacle'} is ${word}`, () => {
      assert.equal(lineOf(change)['status'], word);
    });
  }

  test('a server is up while one of its backends gets clients', () => {
    const [up, down] = [backendStatus('a:80'), { ...backendStatus('b:80'), obstacle: 'down' } as const];
    assert.deepEqual(
      [[up, down], [down], []].map((backends) => rowsOf([serverStats('web', backends)]).at(-1)?.['status']),
      ['UP', 'DOWN', 'DOWN'],
    );
  });
});

test('the last check has its code by the kind of check, its time and its words', () => {
  const cases: readonly [CheckKind, Partial<Health>, string][] = [
    ['ping', {}, 'L4OK'],
    ['ping', { state: 'down', reason: 'connection refused' }, 'L4CON'],
    ['ping', { state: 'falling', reason: 'no connection after 1000 ms' }, 'L4TOUT'],
    ['http', { state: 'rising' }, 'L7OK'],
    ['http', { state: 'down', reason: 'connection refused' }, 'L4CON'],
    ['http', { state: 'down', reason: 'status 500' }, 'L7STS'],
    ['probe', { state: 'down', reason: 'another answer' }, 'L7RSP'],
    ['exec', { state: 'down', reason: 'exit code 1' }, 'PROCERR'],
    ['exec', { state: 'down', reason: 'running after 1000 ms' }, 'PROCTOUT'],
  ];
  for (const [kind, change, code] of cases)
    assert.equal(lineOf({ health: health(change) }, kind)['check_status'], code);
  assert.equal(
    lineOf({ health: { state: 'unchecked', isLive: true, reason: '', consecutive: 0, durationMs: 0 } })['check_status'],
    'INI',
  );
  const { check_duration: duration, last_chk: words } = lineOf({ health: health({}) });
  assert.deepEqual([duration, words], ['3', 'passed']);
});

test('weight, limit, warmupFactor, backup and time of the last change', () => {
  const backends = [
    { ...backendStatus('a:80'), weight: 3, maxConnections: 10, changedAt: NOW - 61_500, downs: 2 },
    { ...backendStatus('b:80'), priority: 2, warmupFactor: 0.25 },
  ];
  const [, a, b, whole] = rowsOf([serverStats('web', backends)]);
  assert.deepEqual(
    [a?.['weight'], a?.['slim'], a?.['lastchg'], a?.['chkdown'], a?.['throttle']],
    ['3', '10', '61', '2', ''],
  );
  assert.deepEqual([a?.['act'], a?.['bck'], b?.['act'], b?.['bck'], b?.['throttle']], ['1', '0', '0', '1', '25']);
  assert.deepEqual([whole?.['weight'], whole?.['act'], whole?.['bck']], ['4', '1', '1']);
});

test('the backend of a server changed when its first backend began to serve, or its last one ceased to', () => {
  const at = (seconds: number, change: Partial<BackendStatus> = {}) => ({
    ...{ ...backendStatus(`b:${seconds}`), changedAt: NOW - seconds * 1000 },
    ...change,
  });
  const down = { obstacle: 'down' } as const;
  const cases: readonly [BackendStatus[], string][] = [
    [[at(9), at(70), at(100, down)], '70'],
    [[at(9, down), at(70, down)], '9'],
    [[], ''],
  ];
  for (const [backends, seconds] of cases) {
    assert.equal(rowsOf([serverStats('web', backends)]).at(-1)?.['lastchg'], seconds);
  }
});

test('the queue has its most of the last hour, and not less than now', () => {
  const web = serverStats('web', [backendStatus('a:80')]);
  const snapshot = {
    at: NOW,
    process: PROCESS,
    threads: [],
    servers: [{ ...web, totals: { ...web.totals, waiting: 3 } }],
  };
  for (const [mostWaiting, qmax] of [
    [7, '7'],
    [1, '3'],
  ] as const) {
    const { rows } = parseCsv(haproxyCsv(snapshot, { checkKind: () => 'ping', mostWaiting: () => mostWaiting }));
    assert.deepEqual(
      rows.map((row) => row['qmax']),
      ['', '0', qmax],
    );
  }
});

test("HAProxy's words leave lines out, and change no number in the others", () => {
  const backends = [
    { ...backendStatus('up:80'), health: health({}) },
    { ...backendStatus('down:80'), obstacle: 'down', health: health({ state: 'down' }) } as const,
    { ...backendStatus('off:80'), obstacle: 'disabled' } as const,
    { ...backendStatus('lost:80'), obstacle: 'unresolved' } as const,
    { ...backendStatus('drain:80'), obstacle: 'draining' } as const,
  ];
  const snapshot = {
    at: NOW,
    process: PROCESS,
    threads: [],
    servers: [serverStats('web', backends), serverStats('db', [])],
  };
  const lines = (change: object) => {
    const words = { hidesDown: false, hidesMaintenance: false, scope: '', ...change };
    const { rows } = parseCsv(haproxyCsv(snapshot, { checkKind: () => 'ping', words }));
    return rows.map(({ pxname, svname, sid }) => (sid === '0' ? `${pxname} ${svname}` : `${svname} ${sid}`));
  };
  const [web, db] = [
    ['web FRONTEND', 'up:80 1', 'down:80 2', 'off:80 3', 'lost:80 4', 'drain:80 5', 'web BACKEND'],
    ['db FRONTEND', 'db BACKEND'],
  ];
  const without = (...gone: readonly string[]) => [...web, ...db].filter((line) => !gone.includes(line));
  assert.deepEqual(lines({}), [...web, ...db]);
  assert.deepEqual(lines({ hidesMaintenance: true }), without('off:80 3', 'lost:80 4'));
  assert.deepEqual(lines({ hidesDown: true }), without('down:80 2', 'off:80 3', 'lost:80 4'));
  assert.deepEqual(lines({ scope: 'eb' }), web);
  assert.deepEqual(lines({ scope: 'nix' }), []);
});

test('foreign text stays in its field, and is no formula of a spreadsheet', () => {
  const reason = '=cmd|"/c calc"!A1, or\r\nelse';
  const [frontend, line] = rowsOf([
    serverStats('+1,"web"', [{ ...backendStatus('a:80'), health: health({ state: 'down', reason }) }]),
  ]);
  assert.equal(frontend?.['pxname'], `'+1,"web"`);
  assert.equal(line?.['last_chk'], `'=cmd|"/c calc"!A1, or else`);
});
