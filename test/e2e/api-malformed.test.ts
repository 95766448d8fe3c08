import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { IpAddress } from '../../src/core/address.ts';
import { startWithApi } from '../helpers/processes/api.ts';
import { serverToml } from '../helpers/processes/cli.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { type WireAnswer, wireAnswers } from '../helpers/sockets/http-answers.ts';
import { SteadyTraffic } from '../helpers/sockets/steady-traffic.ts';
import { listed } from '../helpers/sockets/traffic.ts';
import { exchange } from '../helpers/sockets/web.ts';
import { MALFORMED, type Malformed } from '../helpers/texts/malformed.ts';

test('requests that are wrong in every way are refused, and no other client notices', async (t) => {
  const backend = await startBackend(t, echo);
  const { address, api, running } = await startWithApi(t, serverToml('web', [listed(backend)]));
  const servers = (await api('GET', '/servers')).body;
  const traffic = new SteadyTraffic(running.at('web'));
  t.after(() => traffic.end());

  for (const malformed of MALFORMED) {
    await t.test(malformed.name, async (t) => {
      const before = traffic.exchanges;
      await isRefused(t, address, malformed);
      assert.equal((await api('GET', '/servers')).body, servers);
      while (traffic.exchanges === before) await api('GET', '/ping');
    });
  }

  const { failures } = await traffic.end();
  assert.deepEqual(failures, []);
  const faults = running.lines.filter((line) => /\[(?:WARN|ERROR|FATAL)/.test(line));
  assert.deepEqual(faults, []);
  assert.equal((await running.stop()).code, 0);
});

/** Each has one answer, and one that can be read. */
async function isRefused(t: TestContext, address: IpAddress, { bytes, statuses, mayBeCut }: Malformed): Promise<void> {
  const [answer, ...more] = wireAnswers(await exchange(t, address, bytes));
  assert.deepEqual(more, []);
  if (answer === undefined) {
    assert.ok(mayBeCut, 'closed without an answer');
    return;
  }
  assert.ok(statuses.includes(answer.status), `${answer.status}: ${answer.body}`);
  if (isReason(answer)) assert.equal(typeof JSON.parse(answer.body), 'string');
}

function isReason({ status, headers }: WireAnswer): boolean {
  const type = headers.get('content-type') ?? '';
  return type.startsWith('application/json') || (status === 400 && type.startsWith('text/plain; charset'));
}
