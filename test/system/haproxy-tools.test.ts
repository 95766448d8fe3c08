import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { test, type TestContext } from 'node:test';

import { toolPath } from '../../scripts/bench/tools.ts';
import { temporaryFolder } from '../helpers/processes/cli.ts';
import { type Balancer, startHaproxy, startTwin } from '../helpers/processes/haproxy.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { startBackend } from '../helpers/sockets/backends.ts';
import { answerOf, freePort, startNamed } from '../helpers/sockets/traffic.ts';

const CHECK = '/usr/lib/nagios/plugins/check_haproxy';
const CHECK_STATS = '/usr/lib/nagios/plugins/check_haproxy_stats';
const MUNIN = '/usr/share/munin/plugins/haproxy_';
const MUNIN_NG = '/usr/share/munin/plugins/haproxy_ng';

/** Why a test cannot run, for its `skip`. */
function missing(...scripts: readonly string[]): string | false {
  const absent = scripts.filter((script) => !existsSync(script)).map((script) => basename(script));
  if (absent.length > 0 && process.env['CI'] !== 'true') return `not installed here: ${absent.join(', ')}`;
  return missingTools('haproxy');
}

/** HAProxy and tslb, after the same three clients. */
async function startBoth(t: TestContext): Promise<readonly [theirs: Balancer, ours: Balancer]> {
  const backends = [await startNamed(t, 'served by a'), await startBackend(t)] as const;
  const both = [await startHaproxy(t, backends), await startTwin(t, backends)] as const;
  for (const { port } of both) {
    for (let n = 0; n < 3; n++) assert.equal(await answerOf({ ip: '127.0.0.1', port }), 'served by a');
  }
  return both;
}

/** What a program prints, and its exit code at the end. */
async function said(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return `${output.trimEnd()} (${code})`;
}

const EXPORTER = 'prometheus-haproxy-exporter';

test(`${EXPORTER} reads every line`, { skip: missingTools('haproxy', EXPORTER) }, async (t) => {
  const [theirs, ours] = await startBoth(t);
  const [expected, actual] = [await exported(t, theirs), await exported(t, ours)];
  for (const [name, value] of expected) {
    if (/_(?:up|current_server|sessions_total|bytes_in_total|weight)\{.*"web"/.test(name)) {
      assert.equal(actual.get(name), value, name);
    }
  }
  assert.deepEqual([actual.get('haproxy_up'), actual.get('haproxy_exporter_csv_parse_failures_total')], ['1', '0']);
  assert.ok([...actual.keys()].some((name) => name.startsWith('haproxy_server_up{')));
});

/** Samples by name and labels. */
async function exported(t: TestContext, { url }: Balancer): Promise<ReadonlyMap<string, string>> {
  const port = await freePort();
  const args = [`--haproxy.scrape-uri=${url}/;csv`, `--web.listen-address=127.0.0.1:${port}`];
  const child = spawn(toolPath(EXPORTER) ?? EXPORTER, args, { stdio: 'ignore' });
  t.after(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
    if (answer === undefined) continue;
    const lines = (await answer.text()).split('\n').filter((line) => line.startsWith('haproxy_'));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]));
  }
}

test(
  'the monitoring plugins give the verdict that they give on HAProxy',
  { skip: missing(CHECK, CHECK_STATS) },
  async (t) => {
    const [theirs, ours] = await startBoth(t);
    for (const [script, option] of [
      [CHECK, '-u'],
      [CHECK_STATS, '-U'],
    ] as const) {
      const verdicts = await Promise.all(
        [theirs, ours].map(async ({ url }) => {
          const [verdict = ''] = (await said('perl', [script, option, `${url};csv`])).split('|');
          return verdict;
        }),
      );
      assert.match(verdicts[0] ?? '', /haproxy/i);
      assert.equal(verdicts[1], verdicts[0]);
    }
  },
);

test("munin's plugins find all fields, each with a number", { skip: missing(MUNIN, MUNIN_NG) }, async (t) => {
  const [theirs, ours] = await startBoth(t);
  const folder = temporaryFolder(t);
  const env = { MUNIN_LIBDIR: '/usr/share/munin', MUNIN_PLUGSTATE: folder, MUNIN_STATEFILE: `${folder}/state` };
  const fields = async (plugin: string, { url }: Balancer) => {
    const text = await said('perl', [plugin], { ...env, MUNIN_CAP_MULTIGRAPH: '1', url: `${url}/;csv;norefresh` });
    const lines = text.split('\n').filter((line) => line.includes('.value ') && !line.startsWith('page_'));
    return lines.map((line) => line.replace(/ \(0\)$/, '')).toSorted();
  };
  assert.deepEqual(await fields(MUNIN, ours), await fields(MUNIN, theirs));
  const [expected, actual] = [await fields(MUNIN_NG, theirs), await fields(MUNIN_NG, ours)];
  const names = (lines: readonly string[]) => lines.map((line) => line.split(' ', 1)[0]);
  assert.deepEqual(names(actual), names(expected));
  // Aborts are counted for a server as a whole.
  const unknown = actual.filter((line) => !/ -?[\d.]+$/.test(line) && !/:\d+_eresp\.value $/.test(line));
  assert.deepEqual(unknown, []);
});
