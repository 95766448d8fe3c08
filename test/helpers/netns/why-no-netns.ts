import { execFileSync } from 'node:child_process';

import { toolPath } from '../../../scripts/bench/tools.ts';
import { missingTools } from '../processes/tools.ts';
import { nameOf } from './names.ts';

/** That the kernel must be able to follow. */
const RULES = [
  'iptables --wait -A INPUT -m statistic --mode random --probability 0.01 -j DROP',
  'ip6tables --wait -A INPUT -p tcp --syn -j REJECT',
  'ebtables -A FORWARD -p IPv4 -i port1 -j DROP',
] as const;

let answer: string | false | undefined;

/**
 * Why tests cannot make network namespaces here, for their `skip`; `false` when they can. Found out once, by making one
 * and a firewall rule in it. Where CI has installed all tools, a missing one is for the test itself to fail on.
 */
export function whyNoNetns(): string | false {
  answer ??= findOut();
  return answer;
}

function findOut(): string | false {
  if (process.platform !== 'linux') return 'network namespaces are of Linux alone';
  if (process.getuid?.() !== 0) return 'network namespaces want root';
  const missing = missingTools('ip', 'iptables', 'ip6tables', 'ebtables');
  if (missing !== false) return missing;
  const name = nameOf('try');
  try {
    run('ip', `netns add ${name}`);
    for (const rule of RULES) run('ip', `netns exec ${name} ${rule}`);
    return false;
  } catch (thrown) {
    return `no network namespace can be made: ${String(thrown).trim().replaceAll('\n', '; ')}`;
  } finally {
    remove(name);
  }
}

function run(tool: string, args: string): void {
  execFileSync(toolPath(tool) ?? tool, args.split(' '), {
    stdio: 'pipe',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
}

function remove(name: string): void {
  try {
    run('ip', `netns del ${name}`);
  } catch {
    // It was never there.
  }
}
