import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { temporaryFolder } from '../helpers/processes/cli.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What a build and the tests of the copy need. */
const COPIED = ['src', 'test', 'scripts', 'package.json', 'tsconfig.json', 'gobetween.toml'];

/** A kind that nobody has heard of, in each family: the list that names it, its line there, its file and the text of that. */
const NEW_KINDS = [
  {
    list: 'src/balance/kinds.ts',
    line: "export { last } from './last.ts';",
    file: 'src/balance/last.ts',
    text: `
import { reserveFrom, slotsOf } from './fallback.ts';
import { defineBalancer } from './kind.ts';

export const last = defineBalancer({
  kind: 'last',
  summary: 'The last backend, in the order of their addresses as text.',
  weighted: false,
  prepare(members) {
    const slots = slotsOf(members);
    return { elect: (_context, capacity) => reserveFrom(slots, slots.length - 1, capacity) };
  },
});
`,
  },
  {
    list: 'src/control/discovery/kinds.ts',
    line: "export { one } from './one.ts';",
    file: 'src/control/discovery/one.ts',
    text: `
import * as z from 'zod';

import { defineDiscovery } from './kind.ts';

export const one = defineDiscovery({
  kind: 'one',
  summary: 'One backend of 127.0.0.1, by its port.',
  samples: ['[servers.web.discovery]\\nkind = "one"\\none_port = 80\\n'],
  keys: { one_port: z.int().meta({ title: 'integer', description: 'The port.', examples: [80] }) },
  configure: ({ one_port: port }) => ({ port }),
  create: ({ port }) => ({
    discover: () =>
      Promise.resolve([{ target: { host: '127.0.0.1', port }, weight: 1, priority: 1, maxConnections: 0 }]),
  }),
});
`,
  },
  {
    list: 'src/control/healthcheck/kinds.ts',
    line: "export { even } from './even.ts';",
    file: 'src/control/healthcheck/even.ts',
    text: `
import { defineHealthcheck } from './kind.ts';

export const even = defineHealthcheck({
  kind: 'even',
  summary: 'Passes when the text of the address has a digit.',
  samples: ['[servers.web.healthcheck]\\nkind = "even"\\ninterval = "1s"\\n'],
  keys: {},
  configure: () => ({}),
  create: () => ({
    check: async (target) => {
      if (!/[0-9]/.test(JSON.stringify(target))) throw new Error('no digit');
    },
  }),
});
`,
  },
  {
    list: 'src/data/engines/kinds.ts',
    line: "export { second } from './second.ts';",
    file: 'src/data/engines/second.ts',
    text: `
import { defineEngine } from './common/engine-kind.ts';
import { net } from './net/kind.ts';

export const second = defineEngine({
  kind: 'second',
  create: (setup) => ({ ...net.create(setup), kind: 'second' }),
  wakers: net.wakers,
  capabilities: {},
});
`,
  },
] as const;

/** What has to hold of them: the contract of each family, and a client that is served with all four. */
const TESTS = `
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { balancers } from '../src/balance/registry.ts';
import { balancerContract } from './contract/balancer.ts';
import { engineContract } from './contract/engine.ts';
import { startTslb } from './helpers/processes/cli.ts';
import { answerOf, startNamed } from './helpers/sockets/traffic.ts';

balancerContract(balancers.last);
for (const part of ['bytes', 'clients', 'threads'] as const) engineContract(part, ['second']);

test('a client is served by a server that has a new kind of everything', async (t) => {
  const backend = await startNamed(t, 'A');
  const running = await startTslb(
    t,
    \`
[servers.web]
bind = "127.0.0.1:0"
balance = "last"
engine = "second"

[servers.web.discovery]
kind = "one"
one_port = \${backend.port}

[servers.web.healthcheck]
kind = "even"
interval = "1s"
\`,
  );
  assert.equal(await answerOf(running.at('web')), 'A');
  assert.ok(running.has(/: started engines=second /));
});
`;

function run(folder: string, args: readonly string[]): void {
  // Set in a test: what runs there would take itself for a part of it.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
}

test('a strategy, a source, a check and an engine are each one new file and one new line', (t) => {
  const folder = temporaryFolder(t);
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const { list, line, file, text } of NEW_KINDS) {
    writeFileSync(join(folder, file), text.trimStart());
    appendFileSync(join(folder, list), `${line}\n`);
  }
  writeFileSync(join(folder, 'test', 'new-kinds.test.ts'), TESTS);
  run(folder, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
  run(folder, ['dist/scripts/test.js', 'test/new-kinds']);
});
