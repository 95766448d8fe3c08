import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';

import { startTslb, temporaryFile, tslb } from '../helpers/processes/cli.ts';
import { startNginx } from '../helpers/processes/nginx.ts';
import { machineOf, missingTools } from '../helpers/processes/tools.ts';

/** As the report has it. */
const REPORT = `[servers.sample]
bind = "*:80"
protocol = "tcp"
balance = "weight"

[servers.sample.discovery]
kind = "static"
static_list = [
  "192.168.56.2:80 weight=2 priority=1",
  "192.168.56.3:80 weight=3 priority=1",
]
`;
const REQUESTS = 500;

test("the report's own file passes the check", async (t) => {
  const file = temporaryFile(t, 'gobetween.toml', REPORT);
  const { code, stdout } = await tslb(['check', '--strict', '-c', file]);
  assert.equal(stdout, `${file} is good: 1 server\n`);
  assert.equal(code, 0);
});

test('with two web servers of this machine, on port 80, 500 requests split 200 to 300', async (t) => {
  const reason = (await reasonAgainstPort80()) || missingTools('nginx');
  if (reason) {
    t.skip(reason);
    return;
  }
  const [one, two] = [await startNginx(t, 'M1'), await startNginx(t, 'M2')];
  const config = REPORT.replace('192.168.56.2:80', one.address).replace('192.168.56.3:80', two.address);
  const running = await startTslb(t, config);
  const before = { M1: one.requests, M2: two.requests };
  const answers: Record<string, number> = {};
  const agent = new Agent({ keepAlive: false });
  for (let n = 0; n < REQUESTS; n++) {
    const machine = await machineOf('http://127.0.0.1/swap.html', agent);
    answers[machine] = (answers[machine] ?? 0) + 1;
  }
  const logged = { M1: one.requests - before.M1, M2: two.requests - before.M2 };
  console.log(`\n${REQUESTS} requests on port 80, weights 2 and 3`);
  console.table({ 'by the answers': answers, 'by the access logs of nginx': logged });
  assert.deepEqual(answers, { M1: 200, M2: 300 });
  assert.deepEqual(logged, { M1: 200, M2: 300 });
  assert.deepEqual(await running.stop(), { code: 0, signal: null });
});

async function reasonAgainstPort80(): Promise<string> {
  if (process.getuid?.() !== 0) return 'wants root, for port 80';
  return (await machineOf('http://127.0.0.1/')) === 'ECONNREFUSED' ? '' : 'port 80 is taken';
}
