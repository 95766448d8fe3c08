import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { startDns, type Zone } from '../../../test/helpers/sockets/dns-server.ts';
import { systemClock } from '../../core/clock.ts';
import { Finder } from './finder.ts';

const ZONES: Readonly<Record<string, Zone>> = {
  'web.test': { a: ['192.0.2.1', '192.0.2.2'], aaaa: ['2001:db8::1'], ttl: 30 },
  'alias.test': { alias: 'web.test', ttl: 7 },
  'dangling.test': { alias: 'nobody.test' },
  'empty.test': {},
  'large.test': { a: Array.from({ length: 100 }, (_, index) => `192.0.2.${index}`), fault: 'truncated' },
  'broken.test': { fault: 'servfail' },
  'half.test': { a: ['192.0.2.9'], fault: 'silent-v6' },
  'web.corp.test': { a: ['192.0.2.20'] },
  'web.sub.corp.test': { a: ['192.0.2.21'] },
  'silent.test': { fault: 'silent' },
};

interface Files {
  readonly hosts?: string;
  readonly resolvConf?: string;
  readonly nsswitch?: string;
}

/** Files of the system that the test writes, and a name server. */
async function finding(t: TestContext, { hosts = '', resolvConf = '', nsswitch = '' }: Files = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'names-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { port, asked, silence } = await startDns(t, (name) => ZONES[name]);
  const paths = {
    hosts: join(folder, 'hosts'),
    resolvConf: join(folder, 'resolv'),
    nsswitch: join(folder, 'nss'),
    port,
  };
  const write = (file: keyof Files, text: string): void => writeFileSync(paths[file], text);
  write('hosts', hosts);
  write('resolvConf', `nameserver 127.0.0.1\nsearch .\n${resolvConf}`);
  write('nsswitch', nsswitch);
  const told: string[] = [];
  let changed = (): void => undefined;
  const whenChanged = () => new Promise<void>((resolve) => (changed = resolve));
  const finder = new Finder(
    systemClock,
    {
      silent: (server, reason) => told.push(`silent ${server}: ${reason}`),
      answersAgain: (server) => told.push(`again ${server}`),
      changed: () => changed(),
    },
    paths,
  );
  t.after(() => finder.stop());
  // The timers of the clock do not keep the test alive.
  const hold = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(hold));
  const find = async (host: string): Promise<string> => {
    try {
      const { addresses, ttlMs, unknown } = await finder.find(host, false);
      return `${addresses.join(' ')} ${ttlMs}${unknown === undefined ? '' : ` but ${unknown}`}`;
    } catch (thrown) {
      return String(Reflect.get(thrown as object, 'code'));
    }
  };
  return { find, asked, silence, write, whenChanged, told, port };
}

test('addresses of both families come with their time to live, IPv4 first; of an alias the least', async (t) => {
  const { find, asked } = await finding(t);
  assert.equal(await find('web.test'), '192.0.2.1 192.0.2.2 2001:db8::1 30000');
  assert.deepEqual(asked.toSorted(), ['web.test A', 'web.test AAAA']);
  assert.equal(await find('alias.test'), '192.0.2.1 192.0.2.2 2001:db8::1 7000');
  assert.equal(await find('WEB.TEST.'), '192.0.2.1 192.0.2.2 2001:db8::1 30000');
});

test('no such name, a name without addresses and one that cannot be are not found; a failing server is told apart', async (t) => {
  const { find, asked } = await finding(t);
  for (const name of ['nobody.test', 'dangling.test', 'empty.test']) assert.equal(await find(name), 'ENOTFOUND', name);
  const before = asked.length;
  for (const name of ['a..b', '', '.', `${'x'.repeat(64)}.test`]) assert.equal(await find(name), 'ENOTFOUND', name);
  assert.equal(asked.length, before);
  assert.equal(await find('broken.test'), 'EAI_AGAIN');
});

test('an answer that does not fit a datagram is asked for by TCP', async (t) => {
  const { find, asked } = await finding(t);
  assert.equal((await find('large.test')).split(' ').length, 101);
  assert.ok(asked.includes('large.test A tcp'));
});

test('a family that stays silent keeps the other one for a moment, and counts as unknown', async (t) => {
  const { find } = await finding(t);
  assert.equal(await find('half.test'), '192.0.2.9 60000 but 6');
});

test('the hosts file goes first, and a change of it is seen', async (t) => {
  const hosts = '127.0.0.9 Web.Test other # comment\n::9 other\nnonsense other\n';
  const { find, write, whenChanged, asked } = await finding(t, { hosts });
  assert.equal(await find('web.test'), '127.0.0.9 Infinity');
  assert.equal(await find('OTHER'), '127.0.0.9 ::9 Infinity');
  assert.equal(await find('a.localhost'), '127.0.0.1 ::1 Infinity');
  assert.deepEqual(asked, []);
  const changed = whenChanged();
  write('hosts', '127.0.0.10 other\n');
  await changed;
  assert.equal(await find('other'), '127.0.0.10 Infinity');
  assert.equal(await find('web.test'), '192.0.2.1 192.0.2.2 2001:db8::1 30000');
});

test('domains are searched by ndots', async (t) => {
  const resolvConf = 'search corp.test sub.corp.test\n';
  const one = await finding(t, { resolvConf });
  assert.equal(await one.find('web'), '192.0.2.20 60000');
  assert.deepEqual(one.asked.toSorted(), ['web.corp.test A', 'web.corp.test AAAA']);
  assert.equal(await one.find('web.test'), '192.0.2.1 192.0.2.2 2001:db8::1 30000');
  assert.equal(await one.find('web.sub'), '192.0.2.21 60000', 'not found as it is, it is searched for');
  const two = await finding(t, { resolvConf: `${resolvConf}options ndots:2\n` });
  assert.equal(await two.find('web.corp'), 'ENOTFOUND');
  assert.deepEqual(
    two.asked.filter((each) => each.endsWith(' A')),
    ['web.corp.corp.test A', 'web.corp.sub.corp.test A', 'web.corp A'],
  );
  assert.equal(await two.find('web.sub.'), 'ENOTFOUND', 'an absolute name is not searched for');
});

test('what only getaddrinfo can ask is asked for what nobody else knows', async (t) => {
  const { find, asked } = await finding(t, { nsswitch: 'hosts: files mymachines\n' });
  assert.equal(await find('127.0.0.1.'), 'ENOTFOUND');
  assert.deepEqual(asked, [], 'dns is not among the sources');
});

test('addresses need no source, in any form that getaddrinfo reads', async (t) => {
  const { find } = await finding(t);
  assert.equal(await find('127.1'), '127.0.0.1 Infinity');
  assert.equal(await find('0x7f000001'), '127.0.0.1 Infinity');
  assert.equal(await find('fe80::1%lo'), 'fe80::1%lo Infinity');
});

test('a name server that is dead costs a second, and after that nothing', async (t) => {
  const { find, told, asked } = await finding(t, { resolvConf: 'options timeout:1 attempts:1\n' });
  assert.equal(await find('silent.test'), 'EAI_AGAIN');
  assert.deepEqual(told, [], 'it answered others');
  assert.ok(asked.includes('localhost A'), 'it was asked for something that it knows itself');
});
