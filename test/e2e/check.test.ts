import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';

import { serverToml, startTslb, temporaryFile, tslb } from '../helpers/processes/cli.ts';
import { answerOf, listed, startNamed } from '../helpers/sockets/traffic.ts';

const GOOD = serverToml('web', ['127.0.0.1:8001 weight=2 priority=1', 'localhost:8002']);
const DEAD_KEY = GOOD.replace('[servers.web]\n', '[servers.web]\nprefer_server_ciphers = true\n');
const BAD = `[logging]
level = "loud"

[servers.web]
bnd = ":8080"
client_idle_timeout = "5 minutes"
[servers.web.discovery]
kind = "static"
static_list = ["localhost:8001 wieght=2"]
`;

interface Report {
  readonly ok: boolean;
  readonly diagnostics: readonly { severity: string; code: string; line?: number; column?: number; path: string }[];
}

test('a good file passes', async (t) => {
  const file = temporaryFile(t, 'good.toml', GOOD);
  for (const args of [['-c', file], [file], ['--strict', '-c', file]]) {
    const outcome = await tslb(['check', ...args]);
    assert.deepEqual(outcome, { code: 0, signal: null, stdout: `${file} is good: 1 server\n`, stderr: '' });
  }
  assert.deepEqual(readdirSync(dirname(file)), ['good.toml']);
});

test('check opens no socket and no log', async (t) => {
  const file = temporaryFile(t, 'taken.toml', `[logging]\noutput = "/no/such/folder/log"\n${GOOD}`);
  assert.equal((await tslb(['check', '-c', file])).code, 0);
});

test('a bad file fails, and everything that is wrong is shown with place, source line, caret and suggestion', async (t) => {
  const file = temporaryFile(t, 'bad.toml', BAD);
  const { code, stdout, stderr } = await tslb(['check', '-c', file]);
  assert.equal(code, 64);
  assert.equal(stderr, '');
  assert.doesNotMatch(stdout, /is good/);
  assert.ok(stdout.includes(`${file}:2:9: error: logging.level: `), stdout);
  assert.match(stdout, /bad\.toml:5:1: error: servers\.web\.bnd: .*did you mean "bind"/);
  assert.match(stdout, /bad\.toml:6:\d+: error: servers\.web\.client_idle_timeout: /);
  assert.match(stdout, /bad\.toml:9:\d+: error: servers\.web\.discovery\.static_list\[0\]: .*did you mean "weight"/);
  assert.match(stdout, / {4}2 \| level = "loud"\n {5} \| {9}\^\n/);
  assert.match(stdout, / {2}expected: /);
  assert.match(stdout, /\n\d errors\n$/);
});

test('a warning passes, and fails under --strict', async (t) => {
  const file = temporaryFile(t, 'warn.toml', DEAD_KEY);
  const lax = await tslb(['check', '-c', file]);
  assert.equal(lax.code, 0);
  assert.match(lax.stdout, /:2:1: warning: servers\.web\.prefer_server_ciphers: /);
  assert.match(lax.stdout, /\n1 warning\n.* is good: 1 server\n$/);
  const strict = await tslb(['check', '--strict', '-c', file]);
  assert.equal(strict.code, 64);
  assert.match(strict.stdout, /\n1 warning\n$/);
});

test('--json prints the findings for a program', async (t) => {
  const bad = await tslb(['check', '--json', '-c', temporaryFile(t, 'bad.toml', BAD)]);
  assert.equal(bad.code, 64);
  const report = JSON.parse(bad.stdout) as Report;
  assert.equal(report.ok, false);
  const { path, line, column } = report.diagnostics[0]!;
  assert.deepEqual({ path, line, column }, { path: 'logging.level', line: 2, column: 9 });
  for (const { severity, code } of report.diagnostics) {
    assert.equal(severity, 'error');
    assert.match(code, /^TSLB_CONFIG_/);
  }

  const good = await tslb(['check', '--json', '-c', temporaryFile(t, 'good.toml', GOOD)]);
  assert.equal(good.code, 0);
  assert.deepEqual(JSON.parse(good.stdout), { ok: true, diagnostics: [] });

  const warned = temporaryFile(t, 'warn.toml', DEAD_KEY);
  assert.equal((JSON.parse((await tslb(['check', '--json', '-c', warned])).stdout) as Report).ok, true);
  const strict = await tslb(['check', '--json', '--strict', '-c', warned]);
  assert.equal((JSON.parse(strict.stdout) as Report).ok, false);
  assert.equal(strict.code, 64);
});

test('a file that cannot be read fails with a clear word', async (t) => {
  const folder = dirname(temporaryFile(t, 'x', ''));
  for (const [file, said] of [
    [`${folder}/missing.toml`, /missing\.toml: error: the file does not exist/],
    [folder, /this is a directory, not a file/],
  ] as const) {
    const { code, stdout } = await tslb(['check', '-c', file]);
    assert.equal(code, 64);
    assert.match(stdout, said);
  }
});

test('config schema prints a JSON Schema of the file', async () => {
  const { code, stdout, stderr } = await tslb(['config', 'schema']);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  const schema = JSON.parse(stdout) as { $schema: string; type: string; properties: Record<string, unknown> };
  assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.equal(schema.type, 'object');
  for (const section of ['logging', 'process', 'defaults', 'servers']) assert.ok(section in schema.properties, section);
});

test('JSON is known by -f json and by its extension, and -f wins', async (t) => {
  const json = JSON.stringify({
    servers: { web: { bind: '127.0.0.1:0', discovery: { kind: 'static', static_list: ['127.0.0.1:1'] } } },
  });
  for (const [name, text, args, expected] of [
    ['tslb.json', json, [], 0],
    ['TSLB.JSON', json, [], 0],
    ['tslb.conf', json, ['-f', 'json'], 0],
    ['tslb.conf', json, [], 64],
    ['tslb.json', GOOD, ['-f', 'toml'], 0],
    ['tslb.json', GOOD, [], 64],
    ['tslb.toml', json, ['--format', 'json'], 0],
  ] as const) {
    const { code } = await tslb(['check', ...args, '-c', temporaryFile(t, name, text)]);
    assert.equal(code, expected, `${name} ${args.join(' ')}`);
  }
  const running = await startTslb(t, json, { fileName: 'tslb.json' });
  assert.ok(running.at('web').port > 0);
});

test('-e, and only -e, takes ${NAME} from the environment', async (t) => {
  const backend = await startNamed(t, 'A');
  const config = serverToml('web', ['${TSLB_TEST_HOST}:${TSLB_TEST_PORT} weight=1']);
  const env = { TSLB_TEST_HOST: '127.0.0.1', TSLB_TEST_PORT: listed(backend).replace(/.*:/, '') };
  const file = temporaryFile(t, 'variables.toml', config);
  assert.equal((await tslb(['check', '-c', file], { env })).code, 64);
  assert.equal((await tslb(['check', '-e', '-c', file], { env })).code, 0);
  const running = await startTslb(t, config, { env, args: ['-e', '-c', 'FILE'] });
  assert.equal(await answerOf(running.at('web')), 'A');
});
