import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type * as z from 'zod';

import { fakeControl } from '../../../../test/helpers/fakes/fake-control.ts';
import { backendStatus, serverStatus } from '../../../../test/helpers/fakes/statuses.ts';
import type { ControlEvent } from '../../../core/events.ts';
import type { BackendStats, ServerStats, StatsSnapshot } from '../../../core/stats.ts';
import { backendSchema } from '../../../wire/v1/backend.ts';
import { connectionSchema } from '../../../wire/v1/connection.ts';
import { changeSchema } from '../../../wire/v1/event.ts';
import { infoSchema, snapshotSchema } from '../../../wire/v1/process.ts';
import { historySchema, serverSchema } from '../../../wire/v1/server.ts';
import { backendJson } from './backend.ts';
import { changeJson } from './change.ts';
import { connectionJson } from './connection.ts';
import { infoJson } from './info.ts';
import { historyJson, serverJson, serverSummaryJson } from './server.ts';
import { snapshotJson } from './snapshot.ts';

const T0 = Date.UTC(2026, 0, 31, 12);
const MOMENT = '2026-01-31T12:00:00.000Z';
const RATES = { connections: 1.5, peakConnections: 2, rx: 3, tx: 4 };
const RATES_JSON = { connections: 1.5, peak_connections: 2, rx: 3, tx: 4 };

const PLAIN: BackendStats = { ...backendStatus('10.0.0.1:80'), changedAt: T0, since: T0, rates: RATES };

const FULL: BackendStats = {
  ...PLAIN,
  state: 'draining',
  isStateOverridden: true,
  obstacle: 'draining',
  health: {
    isLive: true,
    state: 'falling',
    reason: 'refused',
    consecutive: 2,
    durationMs: 1.500000000000231,
    checkedAt: T0,
  },
  probeInMs: 250,
  active: 1,
  priority: 2,
  weight: 3,
  maxConnections: 4,
  isWeightOverridden: true,
  isMaxConnectionsOverridden: true,
  isDynamic: true,
  warmupFactor: 0.5,
  totals: { active: 99, peak: 5, total: 6, refused: 7, retried: 8, rx: 9, tx: 10, rxDatagrams: 11, txDatagrams: 12 },
  downs: 11,
};

const EMPTY = serverStatus('web');
const SERVER: ServerStats = {
  ...EMPTY,
  maxConnections: 100,
  queueSize: 10,
  since: T0,
  rates: RATES,
  backends: [PLAIN],
  totals: {
    ...EMPTY.totals,
    active: 1,
    waiting: 2,
    peak: 3,
    accepted: 4,
    denied: 5,
    overClientLimit: 6,
    overClientRate: 7,
    noBackend: 8,
    noResources: 9,
    queued: 10,
    connected: 14,
    refused: 15,
    retried: 11,
    rx: 2 ** 40,
    tx: 13,
    rxDatagrams: 16,
    txDatagrams: 17,
    drops: { truncated: 0, overflow: 0, full: 18, queue: 0, header: 0, unsent: 0 },
    hellos: { ...EMPTY.totals.hellos, named: 19 },
    causes: { ...EMPTY.totals.causes, '--': 3, KD: 1 },
  },
};

const SNAPSHOT: StatsSnapshot = {
  at: T0,
  process: { uptimeMs: 1, rssBytes: 2, cpu: 0.3, loopDelayMs: 4, openFiles: 5 },
  threads: [{ number: 0, engine: 'epoll', connections: 1, accepted: 2 }],
  servers: [SERVER],
};

/** Has all keys that the schema wants, and no other. */
function isOf(schema: z.ZodType, json: unknown): void {
  assert.deepEqual(schema.parse(json), json);
}

describe('what is answered', () => {
  test('of a backend, with all that may be absent and without', () => {
    isOf(backendSchema, backendJson(PLAIN));
    isOf(backendSchema, backendJson(FULL));
    assert.deepEqual(backendJson(FULL), {
      key: '10.0.0.1:80',
      host: '10.0.0.1',
      port: '80',
      addresses: ['10.0.0.1:80'],
      status: 'draining',
      state: 'draining',
      state_override: true,
      obstacle: 'draining',
      health: {
        state: 'falling',
        live: true,
        reason: 'refused',
        consecutive: 2,
        duration_ms: 1.5,
        checked_at: MOMENT,
      },
      probe_in_ms: 250,
      active: 1,
      peak: 5,
      total: 6,
      refused: 7,
      retried: 8,
      rx: 9,
      tx: 10,
      rx_datagrams: 11,
      tx_datagrams: 12,
      priority: 2,
      weight: 3,
      weight_override: true,
      max_connections: 4,
      max_connections_override: true,
      is_dynamic: true,
      warmup_factor: 0.5,
      changed_at: MOMENT,
      since: MOMENT,
      downs: 11,
      rates: RATES_JSON,
    });
    const absent = ['obstacle', 'health', 'probe_in_ms'].filter((key) => key in backendJson(PLAIN));
    assert.deepEqual(absent, []);
  });

  test('of a server: every count under its name, and only causes that occurred', () => {
    const json = serverJson(SERVER);
    isOf(serverSchema, json);
    const { histograms, backends, ...rest } = json;
    assert.deepEqual(rest, {
      name: 'web',
      protocol: 'tcp',
      balance: 'weight',
      engine: 'net',
      binds: ['127.0.0.1:0'],
      addresses: ['127.0.0.1:5000'],
      max_connections: 100,
      queue_size: 10,
      since: MOMENT,
      active: 1,
      waiting: 2,
      peak: 3,
      accepted: 4,
      denied: 5,
      over_client_limit: 6,
      over_client_rate: 7,
      no_backend: 8,
      no_resources: 9,
      queued: 10,
      connected: 14,
      refused: 15,
      retried: 11,
      rx: 2 ** 40,
      tx: 13,
      rx_datagrams: 16,
      tx_datagrams: 17,
      drops: { full: 18 },
      hellos: { named: 19 },
      causes: { '--': 3, KD: 1 },
      rates: RATES_JSON,
    });
    for (const { bounds, counts } of Object.values(histograms)) assert.equal(counts.length, bounds.length + 1);
    assert.deepEqual({ ...serverSummaryJson(SERVER), backends }, json);
  });

  test('of everything, and of the process', () => {
    isOf(snapshotSchema, snapshotJson(SNAPSHOT));
    const { reading } = fakeControl();
    const asker = { actor: { via: 'page', login: 'admin' }, isAdmin: true } as const;
    isOf(infoSchema, infoJson(reading, SNAPSHOT, asker));
    const about = { ...reading.about, configFile: '/etc/tslb.toml', engineReason: 'no koffi', openFilesLimit: 1024 };
    const json = infoJson({ ...reading, about }, SNAPSHOT, asker);
    isOf(infoSchema, json);
    assert.deepEqual([json.started_at, json.config_file], ['2026-01-31T00:00:00.000Z', '/etc/tslb.toml']);
    assert.deepEqual([json.admin, json.login, json.engine_reason], [true, 'admin', 'no koffi']);
  });

  test('of a connection and of the last hour', () => {
    const who = { id: '1-2', server: 'web', client: '127.0.0.1:5', stage: 'queued' } as const;
    const connection = { ...who, ageMs: 1, queueMs: 2, rxBytes: 3, txBytes: 4, tried: ['a:1'] };
    isOf(connectionSchema, connectionJson(connection));
    isOf(connectionSchema, connectionJson({ ...connection, backend: 'b:1' }));
    const [active, waiting, connections, rx, tx, errors] = [[1], [2], [3], [4], [5], [6]];
    const json = historyJson({ stepMs: 1000, at: T0, active, waiting, connections, rx, tx, errors });
    isOf(historySchema, json);
    assert.deepEqual(json, { step_ms: 1000, at: MOMENT, active, waiting, connections, rx, tx, errors });
  });

  test('of every kind of change', () => {
    const events: readonly ControlEvent[] = [
      { at: T0, type: 'backend', server: 'web', backend: 'a:1', what: 'down', reason: 'refused' },
      { at: T0, type: 'server', server: 'web', what: 'panic' },
      { at: T0, type: 'reloaded', added: ['a'], changed: [], removed: ['b'] },
      { at: T0, type: 'changed', by: 'admin', what: 'drained a' },
      { at: T0, type: 'reset' },
      { at: T0, type: 'reset', server: 'web' },
    ];
    for (const event of events) {
      isOf(changeSchema, changeJson(event));
      assert.deepEqual(changeJson(event), { ...event, at: MOMENT });
    }
  });
});
