import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';

import { DATAGRAM_DROPS } from '../../core/datagrams.ts';
import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import {
  ABOUT,
  HOST,
  backendStats as backend,
  serverStats as server,
  snapshotOf,
} from '../../../test/helpers/fakes/metrics-source.ts';
import { NO_DATAGRAMS, serverStatus } from '../../../test/helpers/fakes/statuses.ts';
import { ask, startWeb } from '../../../test/helpers/sockets/web.ts';
import { type Exposition, parseExposition } from '../../../test/helpers/texts/exposition.ts';
import type { NamesStatus, Reloads } from '../../core/process-status.ts';
import type { ServerStats, StatsSnapshot } from '../../core/stats.ts';
import { metricsRoutes } from './routes.ts';

/** What a scrape reads, changed by a test between two of them. */
class Figures {
  reloads: Reloads = { count: 0, at: ABOUT.startedAt, failed: 0, hasFailed: false };
  names: NamesStatus = { remembered: 0, found: 0, absent: 0, failed: 0, tookMs: 0, silentServers: 0 };
  servers: readonly ServerStats[] = [];
  threads: StatsSnapshot['threads'] = [];

  readonly reading = {
    about: ABOUT,
    reloads: () => this.reloads,
    host: () => HOST,
    names: () => this.names,
  };

  readonly stats = {
    now: (): StatsSnapshot => snapshotOf(this.servers, this.threads),
  };
}

async function scraping(t: TestContext) {
  const figures = new Figures();
  const routes = metricsRoutes({ reading: figures.reading, stats: figures.stats, clock: new FakeClock() });
  const { address } = await startWeb(t, routes, { service: 'metrics' });
  const scrape = async (): Promise<Exposition> => parseExposition((await ask(address, '/metrics')).body);
  return { figures, address, scrape };
}

/** Those whose name begins so, without it. */
function withPrefix({ samples }: Exposition, prefix: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...samples].flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])),
  );
}

test('a scrape is of the text format 0.0.4', async (t) => {
  const { address } = await scraping(t);
  const { status, headers, body } = await ask(address, '/metrics');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.ok(body.endsWith('\n'));
  assert.equal((await ask(address, '/metrics', { method: 'HEAD' })).status, 200);
  assert.equal((await ask(address, '/')).status, 404);
});

test('every metric has a type and a help of one line, and no type is unknown', async (t) => {
  const { figures, scrape } = await scraping(t);
  figures.servers = [server('web', [backend('10.0.0.1:80')])];
  const { types, helps, samples } = await scrape();
  for (const key of samples.keys()) {
    const name = /^\w+/.exec(key)?.[0] ?? '';
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    assert.ok(types.has(family) && helps.has(family), key);
    const type = types.get(family);
    if (name.startsWith('gobetween_')) assert.equal(type, 'gauge', name);
    else assert.equal(type === 'counter', name.endsWith('_total'), name);
  }
});

describe('a server', () => {
  test('tells its counters, gauges and limits', async (t) => {
    const { figures, scrape } = await scraping(t);
    const { totals } = serverStatus('web');
    figures.servers = [
      server('web', [], {
        maxConnections: 100,
        queueSize: 7,
        rates: { connections: 1, peakConnections: 2, rx: 30, tx: 40 },
        totals: {
          ...totals,
          active: 3,
          waiting: 1,
          peak: 9,
          accepted: 1000,
          denied: 4,
          overClientLimit: 5,
          overClientRate: 6,
          noBackend: 7,
          noResources: 8,
          queued: 9,
          retried: 10,
          rx: 2 ** 53 - 1,
          tx: 12,
          hellos: { ...totals.hellos, named: 20, not_tls: 1 },
          causes: { ...totals.causes, '--': 990, PR: 15 },
        },
      }),
    ];
    const scraped = await scrape();
    const own = withPrefix(scraped, 'tslb_server_');
    const expected = {
      'info{balance="weight",engine="net",protocol="tcp",server="web"}': 1,
      'connections_total{server="web"}': 1000,
      'denied_total{reason="access",server="web"}': 4,
      'denied_total{reason="client_limit",server="web"}': 5,
      'denied_total{reason="client_rate",server="web"}': 6,
      'no_backend_total{server="web"}': 7,
      'no_resources_total{server="web"}': 8,
      'queued_total{server="web"}': 9,
      'retries_total{server="web"}': 10,
      'rx_bytes_total{server="web"}': 2 ** 53 - 1,
      'tx_bytes_total{server="web"}': 12,
      'rx_datagrams_total{server="web"}': 0,
      'tx_datagrams_total{server="web"}': 0,
      ...Object.fromEntries(DATAGRAM_DROPS.map((why) => [`dropped_datagrams_total{reason="${why}",server="web"}`, 0])),
      'hellos_total{outcome="named",server="web"}': 20,
      'hellos_total{outcome="not_tls",server="web"}': 1,
      'hellos_total{outcome="timed_out",server="web"}': 0,
      'ended_total{cause="--",server="web"}': 990,
      'ended_total{cause="PR",server="web"}': 15,
      'ended_total{cause="SC",server="web"}': 0,
      'active_connections{server="web"}': 3,
      'peak_connections{server="web"}': 9,
      'waiting_connections{server="web"}': 1,
      'max_connections{server="web"}': 100,
      'queue_size{server="web"}': 7,
    };
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, own[key]])), expected);
    assert.deepEqual(withPrefix(scraped, 'gobetween_server_'), {
      'count{server="web"}': 0,
      'active_connections{server="web"}': 3,
      'rx_total{server="web"}': 2 ** 53 - 1,
      'tx_total{server="web"}': 12,
      'rx_second{server="web"}': 30,
      'tx_second{server="web"}': 40,
    });
  });

  test('tells its histograms with buckets that add up', async (t) => {
    const { figures, scrape } = await scraping(t);
    const { totals } = serverStatus('web');
    const counts = totals.histograms.bytes.counts.map((_, bucket) => bucket);
    figures.servers = [
      server('web', [], { totals: { ...totals, histograms: { ...totals.histograms, bytes: { counts, sum: 4711 } } } }),
    ];
    const bytes = withPrefix(await scrape(), 'tslb_server_connection_bytes_');
    assert.equal(bytes['bucket{le="256",server="web"}'], 0);
    assert.equal(bytes['bucket{le="1024",server="web"}'], 1);
    assert.equal(bytes['bucket{le="4096",server="web"}'], 3);
    assert.equal(bytes['bucket{le="268435456",server="web"}'], 55);
    assert.equal(bytes['bucket{le="+Inf",server="web"}'], 66);
    assert.equal(bytes['count{server="web"}'], 66);
    assert.equal(bytes['sum{server="web"}'], 4711);
  });
});

describe('a backend', () => {
  test('tells its counters, gauges and limits', async (t) => {
    const { figures, scrape } = await scraping(t);
    const totals = { active: 2, peak: 5, total: 100, refused: 3, retried: 4, rx: 50, tx: 60, ...NO_DATAGRAMS };
    const health = {
      isLive: false,
      state: 'down',
      reason: 'refused',
      consecutive: 3,
      durationMs: 20,
      checkedAt: 1,
    } as const;
    figures.servers = [
      server('web', [
        backend('10.0.0.1:80', {
          totals,
          active: 2,
          weight: 5,
          warmupFactor: 0.5,
          maxConnections: 10,
          downs: 1,
          changedAt: 1_700_000_000_500,
          obstacle: 'down',
          health,
        }),
      ]),
    ];
    const scraped = await scrape();
    const of = '{host="10.0.0.1",port="80",server="web"}';
    assert.deepEqual(withPrefix(scraped, 'tslb_backend_'), {
      [`connections_total${of}`]: 100,
      [`failed_dials_total${of}`]: 3,
      [`retries_total${of}`]: 4,
      [`rx_bytes_total${of}`]: 50,
      [`tx_bytes_total${of}`]: 60,
      [`rx_datagrams_total${of}`]: 0,
      [`tx_datagrams_total${of}`]: 0,
      [`active_connections${of}`]: 2,
      [`peak_connections${of}`]: 5,
      [`up${of}`]: 0,
      'status{host="10.0.0.1",port="80",server="web",status="down"}': 1,
      [`weight${of}`]: 5,
      [`warmup_factor${of}`]: 0.5,
      [`max_connections${of}`]: 10,
      [`downs_total${of}`]: 1,
      [`changed_timestamp_seconds${of}`]: 1_700_000_000.5,
      [`check_duration_seconds${of}`]: 0.02,
    });
    assert.deepEqual(withPrefix(scraped, 'gobetween_backend_'), {
      [`active_connections${of}`]: 2,
      [`refused_connections${of}`]: 3,
      [`total_connections${of}`]: 100,
      [`rx_bytes${of}`]: 50,
      [`tx_bytes${of}`]: 60,
      [`rx_second${of}`]: 0,
      [`tx_second${of}`]: 0,
      [`live${of}`]: 0,
    });
    assert.equal(scraped.samples.get('tslb_server_backends{server="web",status="down"}'), 1);
    assert.equal(scraped.samples.get('tslb_server_backends{server="web",status="up"}'), 0);
  });

  test('is not live or dead while no check has said anything', async (t) => {
    const { figures, scrape } = await scraping(t);
    const health = { isLive: true, state: 'unchecked', reason: '', consecutive: 0, durationMs: 0 } as const;
    figures.servers = [server('web', [backend('10.0.0.1:80'), backend('10.0.0.2:80', { health })])];
    const scraped = await scrape();
    assert.deepEqual(withPrefix(scraped, 'gobetween_backend_live'), {});
    assert.deepEqual(withPrefix(scraped, 'tslb_backend_check_duration_seconds'), {});
    assert.equal(scraped.samples.get('tslb_server_backends{server="web",status="unchecked"}'), 2);
  });

  test('that is gone leaves nothing behind, nor does a server', async (t) => {
    const { figures, scrape } = await scraping(t);
    figures.servers = [server('web', [backend('10.0.0.1:80'), backend('10.0.0.2:80')]), server('mail', [])];
    await scrape();
    figures.servers = [server('web', [backend('10.0.0.2:80')])];
    const keys = [...(await scrape()).samples.keys()].join('\n');
    assert.ok(keys.includes('10.0.0.2') && !keys.includes('10.0.0.1') && !keys.includes('mail'));
  });

  test('at a unix socket, or of a server with a strange name, is told safely', async (t) => {
    const { figures, scrape } = await scraping(t);
    const name = 'a"b\\c\nd} 1';
    figures.servers = [server(name, [backend('x:1', { host: '/run/"x".sock', port: '' })])];
    const { samples } = await scrape();
    assert.equal(samples.get(String.raw`tslb_backend_up{host="/run/\"x\".sock",port="",server="a\"b\\c\nd} 1"}`), 1);
  });
});

test('process, threads and versions are told', async (t) => {
  const { figures, scrape } = await scraping(t);
  figures.threads = [{ number: 2, engine: 'epoll', connections: 5, accepted: 50 }];
  const { samples } = await scrape();
  const expected: Readonly<Record<string, number>> = {
    'tslb_thread_connections{engine="epoll",thread="2"}': 5,
    'tslb_thread_accepted_total{engine="epoll",thread="2"}': 50,
    [`tslb_build_info{node="${process.version}",version="1.2.3"}`]: 1,
    [`gobetween_build_info{branch="",goversion="node ${process.version}",revision="",version="1.2.3"}`]: 1,
    'tslb_engine_info{engine="net"}': 1,
    tslb_event_loop_delay_seconds: 0.012,
    process_resident_memory_bytes: 1_000_000,
    process_open_fds: 40,
    process_max_fds: 1024,
    process_start_time_seconds: 1_700_000_000,
    tslb_config_reloads_total: 0,
    tslb_config_reload_failures_total: 0,
    tslb_config_last_reload_successful: 1,
    tslb_config_in_force_timestamp_seconds: 1_700_000_000,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, samples.get(key)])), expected);
  assert.ok((samples.get('process_cpu_seconds_total') ?? 0) > 0);
});

test('reloads are told, those that failed too', async (t) => {
  const { figures, scrape } = await scraping(t);
  figures.reloads = { count: 2, at: 1_700_000_123_000, failed: 3, hasFailed: true };
  const { samples } = await scrape();
  assert.equal(samples.get('tslb_config_reloads_total'), 2);
  assert.equal(samples.get('tslb_config_reload_failures_total'), 3);
  assert.equal(samples.get('tslb_config_last_reload_successful'), 0);
  assert.equal(samples.get('tslb_config_in_force_timestamp_seconds'), 1_700_000_123);
});

test('lookups of names are told by their results', async (t) => {
  const { figures, scrape } = await scraping(t);
  figures.names = { remembered: 4, found: 10, absent: 2, failed: 3, tookMs: 1500, silentServers: 1 };
  const { samples } = await scrape();
  const expected: Readonly<Record<string, number>> = {
    tslb_names: 4,
    'tslb_name_lookups_total{result="found"}': 10,
    'tslb_name_lookups_total{result="absent"}': 2,
    'tslb_name_lookups_total{result="failed"}': 3,
    tslb_name_lookup_seconds_total: 1.5,
    tslb_name_servers_silent: 1,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, samples.get(key)])), expected);
});

test('many at once get whole scrapes', async (t) => {
  const { figures, address } = await scraping(t);
  figures.servers = [
    server(
      'web',
      Array.from({ length: 100 }, (_, each) => backend(`10.0.0.${each}:80`)),
    ),
  ];
  const scrapes = await Promise.all(Array.from({ length: 20 }, () => ask(address, '/metrics')));
  for (const { status, body } of scrapes) {
    assert.equal(status, 200);
    assert.equal(body.match(/^tslb_backend_up\{/gm)?.length, 100);
  }
});
