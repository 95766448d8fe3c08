import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addressText, type SocketAddress } from '../../src/core/address.ts';
import { RunningApp } from '../helpers/rigs/running-app.ts';
import { echo, REFUSING, startBackend, type TestBackend } from '../helpers/sockets/backends.ts';
import { payload } from '../helpers/sockets/payload.ts';
import { connectTo } from '../helpers/sockets/peer.ts';
import { answerOf, openEcho } from '../helpers/sockets/traffic.ts';
import { type Exposition, parseExposition } from '../helpers/texts/exposition.ts';

const HEAD = '[metrics]\nenabled = true\nbind = "127.0.0.1:0"\n';
const ENDED = 'tslb_server_ended_total{cause="--",server="web"}';

async function scrape(running: RunningApp): Promise<Exposition> {
  const response = await fetch(`http://${String(running.service('metrics'))}/metrics`);
  return parseExposition(await response.text());
}

/** Scrapes until so many connections have ended in order. */
async function untilEnded(running: RunningApp, count: number): Promise<Exposition> {
  for (;;) {
    const scraped = await scrape(running);
    if (scraped.samples.get(ENDED) === count) return scraped;
  }
}

function backendLabels(address: SocketAddress): string {
  assert.ok('ip' in address);
  return `{host="${address.ip}",port="${address.port}",server="web"}`;
}

test('after a known load every figure is what clients and backends have seen', async (t) => {
  const backends = [await startBackend(t, echo), await startBackend(t, echo)];
  const list = [...backends.map(({ address }) => address), REFUSING].map((address) => addressText(address));
  const rules = '[servers.web.access]\ndefault = "allow"\nrules = ["deny 127.0.0.9"]\n';
  const running = await RunningApp.start(t, list, { balance: 'roundrobin', retries: 2 }, HEAD + rules);

  const sizes = Array.from({ length: 40 }, (_, client) => 1 + client * 5_000);
  for (const size of sizes) {
    const client = connectTo(t, running.address);
    await client.finish(payload(size));
    assert.equal((await client.ended()).bytes, size);
  }
  for (let client = 0; client < 3; client++) await answerOf(running.address, '127.0.0.9');
  const holding = await openEcho(t, running.address);

  const { samples } = await untilEnded(running, sizes.length);
  const of = (name: string) => samples.get(`tslb_server_${name}{server="web"}`);
  const sum = (all: readonly number[]) => all.reduce((one, other) => one + other, 0);
  assert.equal(of('connections_total'), 44);
  assert.equal(samples.get('tslb_server_denied_total{reason="access",server="web"}'), 3);
  assert.equal(samples.get('tslb_server_ended_total{cause="PR",server="web"}'), 3);
  assert.equal(of('active_connections'), 1);
  assert.equal(of('no_backend_total'), 0);
  assert.equal(of('connection_bytes_count'), 40);
  assert.equal(of('connection_bytes_sum'), 2 * sum(sizes));
  assert.equal(of('connect_duration_seconds_count'), 41);
  assert.equal(of('queue_duration_seconds_count'), 0);

  const byBackend = (name: string, { address }: Pick<TestBackend, 'address'>) =>
    samples.get(`${name}${backendLabels(address)}`);
  const seen = ({ peers }: TestBackend) => sum(peers.map(({ bytes }) => bytes));
  for (const backend of backends) {
    // The connection that goes on has moved its byte, and may not have been asked for it yet.
    const most = seen(backend);
    const rx = byBackend('tslb_backend_rx_bytes_total', backend) ?? -1;
    assert.ok(rx === most || rx === most - 1, `${rx} of ${most}`);
    assert.equal(byBackend('gobetween_backend_rx_bytes', backend), rx);
    assert.equal(byBackend('tslb_backend_connections_total', backend), backend.peers.length);
    assert.equal(byBackend('gobetween_backend_total_connections', backend), backend.peers.length);
    assert.equal(byBackend('tslb_backend_failed_dials_total', backend), 0);
  }
  assert.equal(backends[0]!.peers.length + backends[1]!.peers.length, 41);
  const refused = byBackend('tslb_backend_failed_dials_total', { address: REFUSING }) ?? 0;
  assert.ok(refused > 0);
  assert.equal(of('retries_total'), refused);
  assert.equal(byBackend('tslb_backend_connections_total', { address: REFUSING }), 0);
  assert.equal(samples.get('gobetween_server_count{server="web"}'), 3);

  await holding.finish();
  await holding.ended();
  const last = await untilEnded(running, sizes.length + 1);
  for (const name of ['tslb_server_rx_bytes_total', 'tslb_server_tx_bytes_total', 'gobetween_server_rx_total']) {
    assert.equal(last.samples.get(`${name}{server="web"}`), sum(backends.map(seen)), name);
  }
});

test('a backend or a server that has left the file is told of no more', async (t) => {
  const [kept, gone] = [await startBackend(t, echo), await startBackend(t, echo)];
  const running = await RunningApp.start(
    t,
    [kept, gone].map(({ address }) => addressText(address)),
    {},
    HEAD,
  );
  const keysOf = ({ samples }: Exposition) => [...samples.keys()].join('\n');
  assert.ok(keysOf(await scrape(running)).includes(backendLabels(gone.address)));
  await running.reload([addressText(kept.address)]);
  // Once no thread elects it any more.
  let after = await scrape(running);
  while (keysOf(after).includes(`port="${gone.port}"`)) after = await scrape(running);
  assert.ok(keysOf(after).includes(backendLabels(kept.address)));
  assert.equal(after.samples.get('tslb_config_reloads_total'), 1);
  await running.replace('other', [addressText(kept.address)], { bind: '127.0.0.1:0' });
  assert.ok(!keysOf(await scrape(running)).includes('server="web"'));
});

test('reloads count from the start on, also before the metrics are there, and so do those that failed', async (t) => {
  const running = await RunningApp.start(t, ['127.0.0.1:9']);
  const told = async () => {
    const { samples } = await scrape(running);
    const of = (name: string) => samples.get(`tslb_config_${name}`);
    return [of('reloads_total'), of('reload_failures_total'), of('last_reload_successful')];
  };
  await running.reload(['127.0.0.1:10']);
  await assert.rejects(running.reloadToml('[servers.web]\n'), { code: 'TSLB_CONFIG_REFUSED' });
  await running.reload(['127.0.0.1:9']);
  await running.reloadHead(HEAD);
  assert.deepEqual(await told(), [3, 1, 1]);
  await assert.rejects(running.reloadToml(''), { code: 'TSLB_NO_SERVERS' });
  assert.deepEqual(await told(), [3, 2, 0]);
  // At runtime another configuration comes into force, and the file is still one that could not be.
  await running.control.steering.servers.patch('web', { retries: 1 }, { via: 'api' });
  assert.deepEqual(await told(), [4, 2, 0]);
});
