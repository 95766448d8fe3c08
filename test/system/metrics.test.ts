import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { toolPath } from '../../scripts/bench/tools.ts';
import { CAUSE_CODES } from '../../src/core/cause.ts';
import { addressText } from '../../src/core/address.ts';
import { serverToml, startTslb, temporaryFile, temporaryFolder, type Tslb } from '../helpers/processes/cli.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { payload } from '../helpers/sockets/payload.ts';
import { connectTo } from '../helpers/sockets/peer.ts';
import { freePort, openEcho } from '../helpers/sockets/traffic.ts';
import { parseExposition } from '../helpers/texts/exposition.ts';
import { codeBlocks } from '../helpers/texts/markdown.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const METRICS = '[metrics]\nenabled = true\nbind = "127.0.0.1:0"\n';
const skip = missingTools('promtool', 'prometheus');

function metricsUrl({ lines }: Tslb): string {
  const line = lines.find((each) => each.includes('(metrics): service listening'));
  const [, address = ''] = /address=(\S+)/.exec(line ?? '') ?? [];
  return `http://${address}/metrics`;
}

interface Said {
  readonly code: number | null;
  readonly output: string;
}

async function promtool(args: readonly string[], input = ''): Promise<Said> {
  const child = spawn(toolPath('promtool') ?? 'promtool', args, { stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

async function scrapeOf(url: string): Promise<string> {
  const response = await fetch(url);
  return response.text();
}

test(
  'promtool has nothing to say of our metrics, and of gobetween only that its names mislead',
  { skip },
  async (t) => {
    const backend = await startBackend(t, echo);
    const check = '[servers.web.healthcheck]\nkind = "ping"\ninterval = "1s"\n';
    const running = await startTslb(t, METRICS + serverToml('web', [addressText(backend.address)]) + check);
    await openEcho(t, running.at('web'));
    let text = '';
    while (!text.includes('gobetween_backend_live{')) text = await scrapeOf(metricsUrl(running));

    const own = text
      .split('\n')
      .filter((line) => !/^(# \w+ )?gobetween_/.test(line))
      .join('\n');
    assert.deepEqual(await promtool(['check', 'metrics'], own), { code: 0, output: '' });

    const all = await promtool(['check', 'metrics'], text);
    const complaints = all.output.trim().split('\n').sort();
    assert.deepEqual(complaints, [
      'gobetween_server_count non-histogram and non-summary metrics should not have "_count" suffix',
      'gobetween_server_rx_total non-counter metrics should not have "_total" suffix',
      'gobetween_server_tx_total non-counter metrics should not have "_total" suffix',
    ]);
  },
);

test('the rules of docs/metrics.md and the expressions of the dashboard are PromQL', { skip }, async (t) => {
  const page = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
  const rules = codeBlocks(page, 'yaml').find((block) => block.startsWith('groups:')) ?? '';
  const dashboard = JSON.parse(readFileSync(join(ROOT, 'contrib/grafana/tslb.json'), 'utf8')) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  };
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const recorded = expressions.map(
    (expr, index) => `- record: panel:${index}\n  expr: ${JSON.stringify(expr.replaceAll('$__rate_interval', '5m'))}`,
  );
  const panels = `groups:\n- name: panels\n  rules:\n${recorded.join('\n').replaceAll(/^/gm, '  ')}\n`;
  for (const [name, text] of [
    ['page', rules],
    ['panels', panels],
  ] as const) {
    const { code, output } = await promtool(['check', 'rules', temporaryFile(t, `${name}.yml`, text)]);
    assert.equal(code, 0, output);
    assert.match(output, /SUCCESS: \d+ rules found/);
  }
});

test("Debian's Prometheus scrapes a balancer, and its counters are the truth", { skip }, async (t) => {
  const backend = await startBackend(t, echo);
  const running = await startTslb(t, METRICS + serverToml('web', [addressText(backend.address)]));
  for (let client = 1; client <= 25; client++) {
    const peer = connectTo(t, running.at('web'));
    await peer.finish(payload(client * 1000));
    await peer.ended();
  }
  const prometheus = await startPrometheus(t, metricsUrl(running));

  await untilValue(prometheus, 'up{job="tslb"}', 1);
  await untilValue(prometheus, 'tslb_server_ended_total{server="web",cause="--"}', 25);
  const bytes = backend.peers.reduce((sum, peer) => sum + peer.bytes, 0);
  assert.equal(bytes, 325_000);
  await untilValue(prometheus, 'sum(tslb_backend_rx_bytes_total)', bytes);
  await untilValue(prometheus, 'gobetween_server_tx_total{server="web"}', bytes);
  await untilValue(prometheus, 'tslb_server_connection_bytes_sum', 2 * bytes);
  await untilValue(prometheus, 'tslb_backend_up', 1);
  await untilValue(prometheus, 'count(tslb_server_ended_total)', CAUSE_CODES.length);

  const samples = parseExposition(await scrapeOf(metricsUrl(running))).samples.size;
  await untilValue(prometheus, 'scrape_samples_scraped{job="tslb"}', samples);
  const [type] = await metadataOf(prometheus, 'tslb_server_connections_total');
  assert.deepEqual(type, { type: 'counter', help: 'Connections that were accepted.', unit: '' });
});

/** @returns its address */
async function startPrometheus(t: TestContext, target: string): Promise<string> {
  const folder = temporaryFolder(t);
  const config = join(folder, 'prometheus.yml');
  const { host } = new URL(target);
  writeFileSync(
    config,
    `global: { scrape_interval: 1s }\nscrape_configs:\n- job_name: tslb\n  static_configs: [{ targets: ['${host}'] }]\n`,
  );
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    toolPath('prometheus') ?? 'prometheus',
    [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  while (!said.includes('Server is ready to receive web requests')) {
    await Promise.race([
      once(child.stderr, 'data'),
      ended.then(() => {
        throw new Error(`prometheus ended:\n${said}`);
      }),
    ]);
  }
  return address;
}

interface Answer<T> {
  readonly data: T;
}

interface Result {
  readonly result: readonly { readonly value: readonly [time: number, value: string] }[];
}

/** Asks until the one sample that the expression gives has this value. */
async function untilValue(prometheus: string, expression: string, value: number): Promise<void> {
  const deadline = AbortSignal.timeout(60_000);
  let last = 'nothing';
  while (last !== String(value)) {
    if (deadline.aborted) assert.fail(`${expression} is ${last}, not ${value}`);
    const response = await fetch(`http://${prometheus}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { data } = (await response.json()) as Answer<Result>;
    if (data.result.length > 1) assert.fail(`${expression} gives ${data.result.length} samples`);
    last = data.result[0]?.value[1] ?? 'nothing';
  }
}

async function metadataOf(prometheus: string, metric: string): Promise<readonly unknown[]> {
  const response = await fetch(`http://${prometheus}/api/v1/metadata?metric=${metric}`);
  const { data } = (await response.json()) as Answer<Readonly<Record<string, readonly unknown[]>>>;
  return data[metric] ?? [];
}
