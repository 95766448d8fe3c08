import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startNetwork } from './network.ts';
import { whyNoNetns } from './why-no-netns.ts';

/** Set where the tests of a file run in a host of their own. */
const INSIDE = 'TSLB_TEST_INSIDE';

/**
 * Runs the tests of a file in a process of its own on a host of its own, whose ports and addresses they may use up without
 * harm to others. It has 127.0.0.0/8 and an `eth0` that nobody else is on.
 * @param url of the file @param define its tests
 */
export function testsInside(url: string, define: () => void): void {
  if (process.env[INSIDE] !== undefined) return define();
  test('on a host of its own', { skip: whyNoNetns() }, async (t) => {
    const host = await (await startNetwork(t)).host('own');
    const [ip = '', ...rest] = host.through;
    const child = spawn(ip, [...rest, process.execPath, '--test-reporter=tap', fileURLToPath(url)], {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, [INSIDE]: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said, code] = await Promise.all([text(child.stdout), new Promise((resolve) => child.once('exit', resolve))]);
    if (code !== 0) throw new Error(`tests on a host of its own failed:\n${said}`);
  });
}

/** Which ports the kernel gives to sockets that connect, from now on; for tests inside alone. */
export function setLocalPorts(first: number, last: number): void {
  writeFileSync('/proc/sys/net/ipv4/ip_local_port_range', `${first} ${last}`);
}
