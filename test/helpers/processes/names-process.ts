import { lookup } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { runTool } from '../../../scripts/bench/tools.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { Finder } from '../../../src/io/names/finder.ts';
import { startDns, type Zone } from '../sockets/dns-server.ts';

/** What the system is told, and which names are asked for. */
export interface NamesCase {
  readonly hosts: string;
  readonly resolvConf: string;
  readonly nsswitch: string;
  readonly names: readonly string[];
}

/** Of one name: addresses in order of their text, or a code. */
export interface NamesAnswer {
  readonly ours: string;
  readonly getaddrinfo: string;
}

/**
 * Asks for names by our resolver and by getaddrinfo, over files of /etc that are its own and a name server at port 53.
 * Runs in namespaces of its own for mounts and the network: the program of `processes/names.ts`.
 */
const [folder = '', zonesText = '{}'] = process.argv.slice(2);
const FILES = { hosts: 'hosts', resolvConf: 'resolv.conf', nsswitch: 'nsswitch.conf' } as const;

await runTool('ip', ['link', 'set', 'lo', 'up']);
for (const file of Object.values(FILES)) {
  writeFileSync(join(folder, file), '');
  await runTool('mount', ['--bind', join(folder, file), join('/etc', file)]);
}
const zones = JSON.parse(zonesText) as Readonly<Record<string, Zone>>;
await startDns({ after: () => undefined }, (name) => zones[name], 53);

process.on('message', (one: NamesCase) => {
  void answersOf(one).then((answers) => process.send?.(answers));
});
// Nothing else ends it where the test is killed.
process.on('disconnect', () => process.kill(process.pid));
process.send?.('ready');

async function answersOf(one: NamesCase): Promise<readonly NamesAnswer[]> {
  for (const key of ['hosts', 'resolvConf', 'nsswitch'] as const) writeFileSync(join(folder, FILES[key]), one[key]);
  const finder = new Finder(systemClock, {
    silent: () => undefined,
    answersAgain: () => undefined,
    changed: () => undefined,
  });
  const answers: NamesAnswer[] = [];
  for (const name of one.names) {
    const ours = await worded(finder.find(name, false).then(({ addresses }) => addresses));
    const theirs = lookup(name, { all: true, order: 'ipv4first' });
    answers.push({ ours, getaddrinfo: await worded(theirs.then((all) => all.map(({ address }) => address))) });
  }
  finder.stop();
  return answers;
}

async function worded(asked: Promise<readonly string[]>): Promise<string> {
  try {
    const found = await asked;
    const families = [found.filter((ip) => !ip.includes(':')), found.filter((ip) => ip.includes(':'))];
    return families.flatMap((family) => [...new Set(family)].sort()).join(' ');
  } catch (thrown) {
    return String(Reflect.get(thrown as object, 'code'));
  }
}
