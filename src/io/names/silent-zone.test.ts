import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { startDns, type Zone } from '../../../test/helpers/sockets/dns-server.ts';
import { systemClock } from '../../core/clock.ts';
import { systemResolver } from './system-resolver.ts';

/** Names of `silent.test` get no answer; others are good. */
function zoneOf(name: string): Zone | undefined {
  return name.endsWith('silent.test') ? { fault: 'silent' } : { a: ['192.0.2.1'], ttl: 1 };
}

async function resolving(t: TestContext, options = '') {
  const folder = mkdtempSync(join(tmpdir(), 'names-'));
  t.after(() => rmSync(folder, { recursive: true }));
  let answeredAt = 0;
  const dns = await startDns(t, (name) => {
    if (name === 'good.test') answeredAt = performance.now();
    return zoneOf(name);
  });
  const resolvConf = join(folder, 'resolv.conf');
  writeFileSync(resolvConf, `nameserver 127.0.0.1\n${options}`);
  const paths = { hosts: join(folder, 'none'), nsswitch: join(folder, 'none'), resolvConf, port: dns.port };
  const told: string[] = [];
  let heard = (): void => undefined;
  const tell = (what: string): void => {
    told.push(what);
    heard();
  };
  const whenTold = () => new Promise<void>((resolve) => (heard = resolve));
  const events = {
    silent: (server: string) => tell(`silent ${server}`),
    answersAgain: (server: string) => tell(`again ${server}`),
  };
  const resolver = systemResolver(systemClock, events, paths);
  // The timers of the clock do not keep the test alive.
  const hold = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(hold));
  const watch = (host: string) =>
    new Promise<readonly string[]>((found) => {
      const watched = resolver.watch(host, { found, failed: () => undefined });
      t.after(() => watched.stop());
    });
  return { ...dns, resolver, watch, told, whenTold, answeredAt: () => answeredAt };
}

/** On an idle machine it is a quarter of a second. */
const MOST_MS = 3_000;

for (const count of [8, 1_000]) {
  test(`${count} names of a silent zone do not delay a good one`, async (t) => {
    const { watch, answeredAt } = await resolving(t);
    for (let each = 0; each < count; each++) void watch(`n${each}.silent.test`);
    const begun = performance.now();
    await watch('good.test');
    const ended = performance.now();
    assert.ok(ended - answeredAt() < 1_000, `used ${ended - answeredAt()} ms after the answer`);
    assert.ok(ended - begun < MOST_MS, `used after ${ended - begun} ms`);
  });
}

test('a name server that answers nothing is told once, and names are found as soon as it is back', async (t) => {
  const { watch, silence, told, whenTold, resolver } = await resolving(t, 'options timeout:1 attempts:1\n');
  await watch('first.test');
  silence(true);
  const found = watch('good.test');
  const silent = whenTold();
  await assert.rejects(resolver.addresses('other.test'), { code: 'EAI_AGAIN' });
  await silent;
  assert.match(told.join(), /^silent 127\.0\.0\.1:\d+$/);
  assert.deepEqual(await resolver.addresses('first.test'), ['192.0.2.1'], 'what was found before still counts');
  silence(false);
  await found;
  assert.match(told[1] ?? '', /^again /);
  assert.equal(told.length, 2);
});
