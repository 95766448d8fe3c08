import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { temporaryFolder } from '../../test/helpers/processes/cli.ts';
import { TslbError } from '../core/errors.ts';
import { createLog, type LogOptions } from './log.ts';

function temporaryFile(t: TestContext): string {
  const folder = temporaryFolder(t);
  return join(folder, 'tslb.log');
}

function openLog(t: TestContext, options: Partial<LogOptions> = {}) {
  const file = temporaryFile(t);
  const log = createLog({ level: 'info', format: 'json', output: file, ...options });
  t.after(() => log.close());
  return {
    ...log,
    file,
    async lines() {
      await log.flush();
      return readFileSync(file, 'utf8').split('\n').slice(0, -1);
    },
    async records() {
      return (await this.lines()).map((line) => JSON.parse(line) as Record<string, unknown>);
    },
  };
}

test('a JSON line has the level as a word, the time, the logger and the fields', async (t) => {
  const log = openLog(t);
  log.child('server').warn({ server: 'web', n: 2 }, 'backend is down');
  const [record] = await log.records();
  const { time, ...rest } = record!;
  assert.deepEqual(rest, { level: 'warning', name: 'server', server: 'web', n: 2, msg: 'backend is down' });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("a text line is gobetween's with the fields behind", async (t) => {
  const log = openLog(t, { format: 'text' });
  log.child('server.Listen').warn({ bind: ':80', note: 'two words', inner: { list: [1, 'a'] } }, 'bound');
  log.root.info('plain');
  const [warned, plain] = await log.lines();
  assert.match(
    warned!,
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[WARNI\] \(server\.Listen\): bound bind=:80 note="two words" inner\.list="\[1,\\"a\\"\]"$/,
  );
  assert.match(plain!, /^\S+ \S+ \[INFO \]: plain$/);
});

test('nothing from outside ends a text line or reaches the terminal', async (t) => {
  const log = openLog(t, { format: 'text' });
  log
    .child('a\nb')
    .error({ client: 'x\r\n2026-01-01 00:00:00 [FATAL] forged\u001b[2J\u2028\u009b', 'k\ny': 1 }, 'one\ntwo');
  const lines = await log.lines();
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, / \(a\\nb\): one\\ntwo client="x\\r\\n2026-01-01 .*\\u001b\[2J\\u2028\\u009b" k\\ny=1$/);
});

test('levels are those of gobetween, and a change reaches loggers that exist', async (t) => {
  const log = openLog(t, { level: 'panic' });
  const logger = log.child('server');
  logger.error('hidden');
  logger.fatal('shown');
  log.setLevel('warning');
  logger.info('hidden');
  logger.warn('shown');
  log.setLevel('trace');
  logger.trace('shown');
  assert.deepEqual(
    (await log.records()).map(({ level, msg }) => `${String(level)} ${String(msg)}`),
    ['fatal shown', 'warning shown', 'trace shown'],
  );
});

test('an error shows code, message and causes; its stack only at level debug', async (t) => {
  const log = openLog(t);
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const err = new TslbError('TSLB_TEST', 'no backend', { cause: refused });
  log.root.error({ err }, 'failed');
  log.setLevel('debug');
  log.root.error({ err }, 'failed');
  log.root.error({ err: new AggregateError([refused, 'odd']) }, 'failed');
  const errors = (await log.records()).map((record) => record.err as Record<string, unknown>);
  assert.deepEqual(errors[0], {
    code: 'TSLB_TEST',
    message: 'no backend',
    cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
  });
  assert.match(String(errors[1]!.stack), /log\.test\.js/);
  assert.equal(errors[2]!.message, 'connect ECONNREFUSED; odd');
});

test('an error in a circle of causes is still one line', async (t) => {
  const log = openLog(t);
  const err = new Error('round');
  err.cause = err;
  log.root.error({ err }, 'failed');
  assert.equal((await log.lines()).length, 1);
});

test('reopen follows the name after the file was moved, and no line is lost', async (t) => {
  const log = openLog(t);
  log.root.info('before');
  renameSync(log.file, `${log.file}.1`);
  log.reopen();
  log.root.info('after');
  assert.deepEqual(
    (await log.records()).map(({ msg }) => msg),
    ['after'],
  );
  assert.match(readFileSync(`${log.file}.1`, 'utf8'), /before/);
});

test('a reload moves the log to another file, in another format, at another level', async (t) => {
  const log = openLog(t, { format: 'text' });
  const other = temporaryFile(t);
  const logger = log.child('server');
  logger.info('old');
  log.configure({ level: 'debug', output: other, format: 'json' });
  logger.debug('new');
  await log.flush();
  assert.equal((JSON.parse(readFileSync(other, 'utf8')) as { msg: string }).msg, 'new');
  assert.throws(() => log.configure({ level: 'info', output: join(other, 'x'), format: 'text' }), {
    code: 'TSLB_LOG_OUTPUT',
  });
  logger.debug('still json, still debug');
  await log.flush();
  assert.equal(readFileSync(other, 'utf8').split('\n').length, 3);
});

test('a file that cannot be opened is an error with its path', () => {
  const output = join(tmpdir(), 'no-such-folder', 'tslb.log');
  assert.throws(
    () => createLog({ level: 'info', format: 'text', output }),
    (error) => error instanceof TslbError && error.code === 'TSLB_LOG_OUTPUT' && error.message.includes(output),
  );
});
