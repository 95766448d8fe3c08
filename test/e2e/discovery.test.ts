import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { startTslb, temporaryFolder } from '../helpers/processes/cli.ts';
import { script } from '../helpers/processes/scripts.ts';
import { answerOf, listed, startNamed, untilAnswer } from '../helpers/sockets/traffic.ts';

/** A server whose table `discovery` has these lines. */
function discovering(...lines: readonly string[]): string {
  return ['[servers.web]', 'bind = "127.0.0.1:0"', '[servers.web.discovery]', ...lines, ''].join('\n');
}

test('backends that a page lists get the clients, and its password is nowhere in the log', async (t) => {
  const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
  let page = `${listed(a)}\n`;
  const registry = createServer((_, response) => response.writeHead(page === '' ? 500 : 200).end(page));
  registry.listen(0, '127.0.0.1');
  t.after(() => void registry.close());
  await once(registry, 'listening');
  const endpoint = `http://me:hidden@127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  const keys = ['kind = "plaintext"', 'interval = "50ms"', `plaintext_endpoint = "${endpoint}"`];
  const running = await startTslb(t, discovering(...keys));
  assert.equal(await answerOf(running.at('web')), 'A');
  page = `${listed(b)}\n`;
  await untilAnswer(running.at('web'), 'B');
  page = '';
  await running.logged(/discovery failed server=web kind=plaintext err.message="the status is 500/);
  assert.equal(await answerOf(running.at('web')), 'B');
  await running.stop();
  assert.doesNotMatch(running.lines.join('\n'), /hidden/);
});

/** A program that prints a file. @returns what makes it print other lines, and the keys that run it */
function printing(t: TestContext) {
  const file = join(temporaryFolder(t), 'backends');
  const path = script(t, `[ -s ${file} ] || { echo "no file" >&2; exit 1; }; cat ${file}`);
  return {
    print: (...lines: readonly string[]) => writeFileSync(file, lines.map((line) => `${line}\n`).join('')),
    keys: ['kind = "exec"', `exec_command = [${JSON.stringify(path)}]`, 'interval = "50ms"'],
  };
}

test('backends that a program prints get the clients, until it prints others', async (t) => {
  const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
  const { print, keys } = printing(t);
  print(listed(a), 'what is this?');
  const running = await startTslb(t, discovering(...keys));
  assert.equal(await answerOf(running.at('web')), 'A');
  assert.match(running.lines.join('\n'), /discovered backends skipped server=web kind=exec skipped=1 first="line 2: /);
  print(listed(b));
  await untilAnswer(running.at('web'), 'B');
  print();
  await running.logged(/discovery failed server=web kind=exec/);
  assert.equal(await answerOf(running.at('web')), 'B', 'keeplast');
  print(listed(a));
  await running.logged(/discovery works again server=web kind=exec backends=1/);
  await untilAnswer(running.at('web'), 'A');
  assert.deepEqual(await running.stop(), { code: 0, signal: null });
});

test('with setempty a program that fails leaves no backends, but those that were added', async (t) => {
  const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
  const { print, keys } = printing(t);
  print(`${listed(a)} priority=1`);
  const added = ['[servers.web.discovery.overrides]', `added = ["${listed(b)} priority=2"]`];
  const running = await startTslb(t, discovering(...keys, 'failpolicy = "setempty"', ...added));
  assert.equal(await answerOf(running.at('web')), 'A');
  print();
  await untilAnswer(running.at('web'), 'B');
});

test('a reload changes the kind of source, and waits for no source', async (t) => {
  const [a, b] = [await startNamed(t, 'A'), await startNamed(t, 'B')];
  const { print, keys } = printing(t);
  print(listed(b));
  const running = await startTslb(t, discovering('kind = "static"', `static_list = ["${listed(a)}"]`));
  assert.equal(await answerOf(running.at('web')), 'A');
  await running.reload(discovering(...keys));
  await untilAnswer(running.at('web'), 'B');
  const hanging = ['kind = "exec"', 'exec_command = ["sleep", "600"]', 'timeout = "1m"'];
  await running.reload(discovering(...hanging));
  assert.equal(await answerOf(running.at('web')), 'B', 'the last list stays until there is another');
  await running.reload(discovering('kind = "static"', `static_list = ["${listed(a)}"]`));
  await untilAnswer(running.at('web'), 'A');
});
