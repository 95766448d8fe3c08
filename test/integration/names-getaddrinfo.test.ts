import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { toolPath } from '../../scripts/bench/tools.ts';
import { whyNoNetns } from '../helpers/netns/why-no-netns.ts';
import type { NamesAnswer, NamesCase } from '../helpers/processes/names-process.ts';
import type { Zone } from '../helpers/sockets/dns-server.ts';

const PROGRAM = fileURLToPath(new URL('../helpers/processes/names-process.js', import.meta.url));

const ZONES: Readonly<Record<string, Zone>> = {
  web: { a: ['192.0.2.99'] },
  'web.test': { a: ['192.0.2.1', '192.0.2.2'], aaaa: ['2001:db8::1'] },
  'four.test': { a: ['192.0.2.4'] },
  'six.test': { aaaa: ['2001:db8::6', '::ffff:1.2.3.4'.replace('1.2.3.4', '102:304')] },
  'empty.test': {},
  'alias.test': { alias: 'web.test' },
  'chain.test': { alias: 'alias.test' },
  'dangling.test': { alias: 'nobody.test' },
  'large.test': { a: Array.from({ length: 60 }, (_, index) => `192.0.2.${index}`), fault: 'truncated' },
  'broken.test': { fault: 'servfail' },
  'refused.test': { fault: 'refused' },
  'half.test': { a: ['192.0.2.5'], fault: 'servfail-v6' },
  'under_score.test': { a: ['192.0.2.6'] },
  'web.corp.test': { a: ['192.0.2.20'] },
  'db.sub.corp.test': { a: ['192.0.2.21'] },
  'web.test.corp.test': { a: ['192.0.2.22'] },
  'empty.corp.test': {},
  'empty.sub.corp.test': { a: ['192.0.2.23'] },
  'broken.corp.test': { fault: 'servfail' },
  'broken.sub.corp.test': { a: ['192.0.2.24'] },
  'silent.corp.test': { fault: 'silent' },
  'silent.sub.corp.test': { a: ['192.0.2.25'] },
  silent: { a: ['192.0.2.26'] },
  'xn--bcher-kva.test': { a: ['192.0.2.27'] },
};

const NAMES = [
  ...['web', 'web.', 'WEB.test', 'web.test.', 'four.test', 'six.test', 'empty.test', 'alias.test', 'chain.test'],
  ...[
    'dangling.test',
    'large.test',
    'broken.test',
    'refused.test',
    'half.test',
    'under_score.test',
    'nobody',
    'nobody.test',
  ],
  ...['db.sub', 'db', 'empty', 'broken', 'web.sub.corp', 'bücher.test', 'a..b', `${'x'.repeat(64)}.test`, 'a b'],
  ...[
    '127.1',
    '0x7f.1',
    '017700000001',
    '1.2.3.256',
    '1.2.3.4.',
    '08.1',
    '4294967295',
    '4294967296',
    '::1',
    'fe80::1%lo',
  ],
  ...['host', 'HOST', 'host.', 'both', 'six', 'alias', 'one.two', 'hidden', 'zoned', 'mapped', 'twice', 'leading'],
];

const HOSTS = `
127.0.0.1 localhost
192.0.2.50	Host alias one.two # hidden
2001:db8::50 six both
192.0.2.51 both
fe80::1%lo zoned
::ffff:192.0.2.52 mapped
192.0.2.53 twice
192.0.2.53 twice
192.0.2.54 twice
 192.0.2.55 leading
192.0.2 short
01.2.3.4 octal
192.0.2.56 web.test
# 192.0.2.57 hidden
`;

const OPTIONS = 'options timeout:1 attempts:1\n';
const ONE = `nameserver 127.0.0.1\n${OPTIONS}`;
const CASES: Readonly<Record<string, Partial<NamesCase>>> = {
  'no files': { resolvConf: OPTIONS },
  'a hosts file': { hosts: HOSTS, names: [...NAMES, 'short', 'octal', 'localhost'] },
  'one domain': { resolvConf: `domain corp.test\n${ONE}` },
  'two domains, the last line counts': { resolvConf: `domain no.test\nsearch corp.test sub.corp.test\n${ONE}` },
  'silence in a domain': { resolvConf: `search corp.test sub.corp.test\n${ONE}`, names: ['silent'] },
  'ndots 2': { resolvConf: `search corp.test sub.corp.test\n${ONE}options ndots:2\n` },
  'ndots 0': { resolvConf: `search corp.test.\n${ONE}options ndots:0\n`, hosts: HOSTS },
  'the root is searched': { resolvConf: `search . corp.test\n${ONE}` },
  'the first server is dead': { resolvConf: `nameserver 127.0.0.9\nnameserver 127.0.0.1\n${OPTIONS}` },
  'all servers are dead': { resolvConf: `nameserver 127.0.0.9\n${OPTIONS}`, hosts: HOSTS },
  'comments and nonsense': { resolvConf: `# nameserver 127.0.0.9\n;search corp.test\nnonsense\nnameserver\n${ONE}` },
  // glibc takes a refusal by TCP for an answer.
  'TCP only': { resolvConf: `${ONE}options use-vc\n`, names: NAMES.filter((name) => name !== 'refused.test') },
  'no IPv6': { resolvConf: `${ONE}options no-aaaa rotate\n`, hosts: HOSTS },
  'files alone': { nsswitch: 'passwd: files\nhosts:  files\n', hosts: HOSTS },
  'DNS alone': { nsswitch: 'hosts: dns\n', hosts: HOSTS },
  // Of names that are not found glibc says EBUSY here.
  'DNS first': {
    nsswitch: 'hosts:dns files # mdns\n',
    hosts: HOSTS,
    names: ['web.test', 'web', 'host', 'both', 'ONE.two'],
  },
  'another source': { nsswitch: 'hosts: files mymachines dns\n', hosts: HOSTS },
};

describe('names are resolved as getaddrinfo does', { skip: whyNoNetns() }, () => {
  let ask: (one: NamesCase) => Promise<readonly NamesAnswer[]>;
  let end: () => void;

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'names-'));
    const unshare = toolPath('unshare') ?? 'unshare';
    const env = { ...process.env };
    for (const name of ['LOCALDOMAIN', 'RES_OPTIONS']) Reflect.deleteProperty(env, name);
    const child = fork(PROGRAM, [folder, JSON.stringify(ZONES)], {
      execPath: unshare,
      execArgv: ['--mount', '--net', process.execPath],
      env,
    });
    end = () => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    };
    await once(child, 'message');
    ask = async (one) => {
      const answered = once(child, 'message');
      child.send(one);
      const [answers] = (await answered) as [readonly NamesAnswer[]];
      return answers;
    };
  });

  after(() => end());

  for (const [what, given] of Object.entries(CASES)) {
    test(`with ${what}`, async () => {
      const one = { hosts: '', resolvConf: ONE, nsswitch: 'hosts: files dns\n', names: NAMES, ...given };
      const answers = await ask(one);
      const told = (of: keyof NamesAnswer) => answers.map((each, index) => `${one.names[index]}: ${each[of]}`);
      assert.deepEqual(told('ours'), told('getaddrinfo'));
    });
  }
});
