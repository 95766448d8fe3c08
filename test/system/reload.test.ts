import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { serverToml, startTslb, temporaryFolder } from '../helpers/processes/cli.ts';
import { abLoad, wrkLoad } from '../helpers/processes/load.ts';
import { startNginx } from '../helpers/processes/nginx.ts';
import { machineOf, missingTools } from '../helpers/processes/tools.ts';

const RELOADS = 20;
const CLIENTS = 100;
const AB_REQUESTS = 3000;
const WRK_SECONDS = 2;
/** Between two reloads, one after the other. */
const REQUESTS_BETWEEN = 30;

/** Which backends there are after reload `n`, and their weights: the first is always one of them. */
function listAfter(n: number, machines: readonly { address: string }[]): string[] {
  return machines
    .map(({ address }, index) => ({ line: `${address} weight=${1 + ((n + index) % 4)}`, index }))
    .filter(({ index }) => index === 0 || ((n >> (index - 1)) & 1) === 1)
    .map(({ line }) => line);
}

test(
  '20 reloads under the load of ab and wrk, and no connection fails',
  { skip: missingTools('nginx', 'ab', 'wrk') },
  async (t) => {
    const machines = [];
    for (const name of ['M1', 'M2', 'M3', 'M4']) machines.push(await startNginx(t, name));
    const accessLog = join(temporaryFolder(t), 'access.log');
    const logging = `[logging]\nformat = "text"\naccess_log = "${accessLog}"\n`;
    const running = await startTslb(t, logging + serverToml('web', listAfter(0, machines)));
    const url = `http://127.0.0.1:${running.at('web').port}/quiet.html`;

    const loads = { ab: abLoad(url, CLIENTS, AB_REQUESTS), wrk: wrkLoad(url, CLIENTS, WRK_SECONDS) };
    const answers: Record<string, number> = {};
    for (let n = 1; n <= RELOADS; n++) {
      await running.reload(logging + serverToml('web', listAfter(n, machines)));
      for (let asked = 0; asked < REQUESTS_BETWEEN; asked++) {
        const machine = await machineOf(url);
        answers[machine] = (answers[machine] ?? 0) + 1;
      }
    }
    const [abReports, wrkReports] = await Promise.all([loads.ab.end(), loads.wrk.end()]);
    assert.deepEqual(await running.stop(), { code: 0, signal: null });

    const abRequests = abReports.reduce((sum, { complete }) => sum + complete, 0);
    const made = abRequests + RELOADS * REQUESTS_BETWEEN + wrkReports.length * CLIENTS;
    const lines = readFileSync(accessLog, 'utf8').trimEnd().split('\n');
    const causes: Record<string, number> = {};
    for (const line of lines) {
      const [, cause = 'none'] = / cause=(\S+) /.exec(line) ?? [];
      causes[cause] = (causes[cause] ?? 0) + 1;
    }
    console.log(`\n${RELOADS} reloads under load: connections by cause of their end`);
    console.table(causes);
    console.table({
      'ab, a connection each': { runs: abReports.length, requests: abRequests, connections: abRequests },
      'wrk, connections kept': {
        runs: wrkReports.length,
        requests: wrkReports.reduce((sum, { requests }) => sum + requests, 0),
        connections: wrkReports.length * CLIENTS,
      },
      'one after the other': { requests: RELOADS * REQUESTS_BETWEEN, connections: RELOADS * REQUESTS_BETWEEN },
      'in the access log': { connections: lines.length },
    });

    for (const { complete, failed, non2xx } of abReports) {
      assert.deepEqual({ complete, failed, non2xx }, { complete: AB_REQUESTS, failed: 0, non2xx: 0 });
    }
    for (const { requests, errors } of wrkReports) {
      assert.equal(errors, '');
      assert.ok(requests > 0);
    }
    assert.deepEqual(Object.keys(answers).sort(), ['M1', 'M2', 'M3', 'M4']);
    // wrk tries the address before a run, and ab may open more connections than it then uses.
    assert.equal(lines.filter((line) => !line.includes(' rx=0 tx=0 ')).length, made);
    // wrk leaves in the middle of its last answers.
    for (const cause of Object.keys(causes)) assert.match(cause, /^(--|C[DL]|SL)$/);
  },
);
