import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { MAIN, serverToml, startTslb, temporaryFile, tslb } from '../helpers/processes/cli.ts';
import { answerOf, listed, startNamed } from '../helpers/sockets/traffic.ts';

const NOBODY = serverToml('web', ['127.0.0.1:1']);

for (const flag of ['--version', '-v']) {
  test(`${flag} prints the bare version in its first line, and then the engine`, async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    const { code, stdout, stderr } = await tslb([flag]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const [first, second, ...rest] = stdout.split('\n');
    assert.deepEqual([first, ...rest], [version, '']);
    assert.match(second ?? '', /^engine (epoll, \d+ threads?|net, up to \d+ threads?; epoll cannot run here: .+)$/);
  });
}

for (const args of [['help'], ['--help'], ['-h'], []]) {
  test(`tslb ${args.join(' ')} says how to use it`, async () => {
    const { code, stdout, stderr } = await tslb(args);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    for (const word of ['start', 'check', 'config', 'from-file', '--pidfile', '--drain-timeout', 'GOBETWEEN']) {
      assert.ok(stdout.includes(word), word);
    }
  });
}

for (const args of [
  ['help', 'start'],
  ['start', '--help'],
]) {
  test(`tslb ${args.join(' ')} says what start takes`, async () => {
    const { code, stdout } = await tslb(args);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: tslb start /);
    for (const option of ['-c, --config', '-f, --format', '-e, ', '-p, --pidfile', '-w, --watch', '--drain-timeout']) {
      assert.ok(stdout.includes(option), option);
    }
  });
}

const USAGE_ERRORS: readonly (readonly [args: readonly string[], said: RegExp])[] = [
  [['strat'], /unknown command "strat"; did you mean "start"\?/],
  [['chekc', '-c', 'x'], /unknown command "chekc"; did you mean "check"\?/],
  [['wobble'], /unknown command "wobble"\n/],
  [['config', 'schma'], /unknown command 'schma'[^]*schema/],
  [['--verson'], /unknown option '--verson'[^]*--version/],
  [['start', '--confg', 'x'], /unknown option '--confg'[^]*--config/],
  [['start'], /which configuration\? Use "tslb start -c FILE"/],
  [['check'], /which configuration\? Use "tslb check -c FILE"/],
  [['start', '-c'], /argument missing/],
  [['start', 'a.toml', '-c', 'b.toml'], /given twice/],
  [['from-file'], /missing required argument 'file'/],
  [['start', '-f', 'xml', '-c', 'x'], /'xml' is invalid. Allowed choices are toml, json/],
  [['start', '--drain-timeout', '5', '-c', 'x'], /drain-timeout.*'5' is invalid/],
  [['from-url', 'http://127.0.0.1:1/'], /from-url is not built yet: tslb cannot read its configuration from a URL/],
  [['from-consul', '127.0.0.1:8500', '-k', 'x'], /from-consul is not built yet/],
];
for (const [args, said] of USAGE_ERRORS) {
  test(`tslb ${args.join(' ')} is a usage error`, async () => {
    const { code, stdout, stderr } = await tslb(args);
    assert.equal(code, 64);
    assert.equal(stdout, '');
    assert.match(stderr, said);
    assert.match(stderr, /Try "tslb help"\./);
  });
}

test('a reader that goes away does not make it fall over', async () => {
  const command = `"$0" "$1" help | head -n 1; exit "\${PIPESTATUS[0]}"`;
  const child = spawn('bash', ['-c', command, process.execPath, MAIN], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(said, 'Usage: tslb [options] [command]\n');
  assert.equal(code, 0);
});

test('standard streams that are closed or lead nowhere do not make it fall over', async (t) => {
  const file = temporaryFile(t, 'bad.toml', 'x');
  for (const command of [
    '"$0" "$1" start -c "$2" <&- 2>/dev/null',
    '"$0" "$1" start -c "$2" 2>&-',
    '"$0" "$1" check -c "$2" >&-',
  ]) {
    const child = spawn('bash', ['-c', command, process.execPath, MAIN, file], { stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 64, command);
  }
  const child = spawn(process.execPath, [MAIN, 'start', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.destroy();
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 64);
});

test('it runs with its standard input closed', async (t) => {
  const backend = await startNamed(t, 'A');
  const through = ['bash', '-c', 'exec "$@" <&-', 'bash'];
  const running = await startTslb(t, serverToml('web', [listed(backend)]), { through });
  assert.equal(await answerOf(running.at('web')), 'A');
  assert.deepEqual(await running.stop(), { code: 0, signal: null });
});

const FORMS: readonly (readonly [title: string, args: readonly string[], env?: Record<string, string>])[] = [
  ['start -c FILE', ['start', '-c', 'FILE']],
  ['start --config=FILE', ['start', '--config=FILE']],
  ['start FILE', ['start', 'FILE']],
  ['-c FILE', ['-c', 'FILE']],
  ['-f toml -c FILE', ['-f', 'toml', '-c', 'FILE']],
  ['from-file FILE', ['from-file', 'FILE']],
  ['from-file FILE -f toml', ['from-file', 'FILE', '-f', 'toml']],
];
for (const [title, args] of FORMS) {
  test(`tslb ${title} starts`, async (t) => {
    const running = await startTslb(t, NOBODY, { args });
    assert.ok(running.at('web').port > 0);
    assert.deepEqual(await running.stop(), { code: 0, signal: null });
  });
}

test('the variable GOBETWEEN starts it', async (t) => {
  const env = { GOBETWEEN: JSON.stringify(['-c', temporaryFile(t, 'tslb.toml', NOBODY)]) };
  const running = await startTslb(t, '', { args: [], env });
  assert.ok(running.at('web').port > 0);
  assert.deepEqual(await running.stop(), { code: 0, signal: null });
});

test('GOBETWEEN beside arguments, or without a list in it, is a usage error', async () => {
  const both = await tslb(['--version'], { env: { GOBETWEEN: '["--version"]' } });
  assert.equal(both.code, 64);
  assert.match(both.stderr, /given both on the command line and in GOBETWEEN/);
  const text = await tslb([], { env: { GOBETWEEN: '-c x' } });
  assert.equal(text.code, 64);
  assert.match(text.stderr, /GOBETWEEN must hold a JSON array of strings/);
});
