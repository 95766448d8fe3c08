import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';

import { temporaryFolder } from '../../../test/helpers/processes/cli.ts';
import { RunningApp } from '../../../test/helpers/rigs/running-app.ts';
import { freePort, listed, startNamed, untilAnswer } from '../../../test/helpers/sockets/traffic.ts';
import { codeBlocks } from '../../../test/helpers/texts/markdown.ts';
import { ConfigRefused } from '../../config/problem/refused.ts';
import { loadConfig } from '../config/load.ts';
import { loadInitialConfig } from './initial-config.ts';
import { NO_OVERLAY } from './overlay.ts';
import { readState, stateText } from './state-form.ts';

const BY = { via: 'api' } as const;

function fileIn(t: TestContext): string {
  return join(temporaryFolder(t), 'state.json');
}

/** The section that names the file. */
function apiOf(file: string): string {
  return `[api]\nenabled = true\nbind = "127.0.0.1:0"\nstate_file = ${JSON.stringify(file)}\n`;
}

/** What a start with this state file has to say. */
async function findingsOf(t: TestContext, state: string): Promise<readonly string[]> {
  const file = fileIn(t);
  writeFileSync(file, state);
  const servers = '[servers.web]\nbind = ":80"\n[servers.web.discovery]\nkind = "static"\nstatic_list = ["a:1"]\n';
  const { diagnostics } = await loadInitialConfig(() =>
    loadConfig({ bytes: Buffer.from(apiOf(file) + servers), file: 'tslb.toml' }),
  );
  return diagnostics
    .filter(({ severity, file: where }) => severity === 'error' || where !== 'tslb.toml')
    .map(({ file: where, line, path, code }) => `${where === file ? 'state' : where}:${line ?? ''} ${path} ${code}`);
}

test('changes at runtime are there again after a restart, and so is the file', async (t) => {
  const [a, b] = [await startNamed(t, 'a'), await startNamed(t, 'b')];
  const file = fileIn(t);
  const first = await RunningApp.start(t, [listed(a), '127.0.0.1:1'], {}, apiOf(file));
  assert.deepEqual(readdirSync(join(file, '..')), [], 'nothing is written before there is something to say');
  const { control } = first;
  await control.steering.backends.change('web', listed(a), { state: 'draining', weight: 4 }, BY);
  await control.steering.backends.add('web', { host: '127.0.0.1', port: b.port, priority: 2 }, BY);
  await control.steering.backends.remove('web', '127.0.0.1:1', BY);
  await control.steering.servers.patch('web', { max_connections: 12 }, BY);
  const discovery = { kind: 'static', static_list: [listed(a)] };
  await control.steering.servers.put('new', { bind: '127.0.0.1:0', discovery }, { isNew: true }, BY);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(file, '..')), ['state.json']);
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { version: number };
  assert.equal(kept.version, 1);
  await first.stop();

  const second = await RunningApp.start(t, [listed(a), '127.0.0.1:1'], {}, apiOf(file));
  // Its bind is another one now, which is the file's; but the server is as it was changed.
  assert.deepEqual(
    second.control.reading.servers().map(({ name, maxConnections }) => [name, maxConnections]),
    [
      ['web', 12],
      ['new', 0],
    ],
  );
  const rows = second.control.reading
    .backends('web')
    .map(({ key, state, weight, isDynamic }) => [key, state, weight, isDynamic]);
  assert.deepEqual(
    rows,
    [
      [listed(a), 'draining', 4, false],
      [listed(b), 'enabled', 1, true],
    ].sort(),
  );
  await untilAnswer(first.address, 'b');
  await second.control.steering.servers.remove('new', { drainMs: 0 }, BY);
  assert.ok(!readFileSync(file, 'utf8').includes('new'));
});

test('changes are kept and read also where there is no API, and where it goes', async (t) => {
  const file = fileIn(t);
  const api = apiOf(file);
  const noApi = api.replace('enabled = true', 'enabled = false');
  const first = await RunningApp.start(t, ['127.0.0.1:1'], {}, noApi);
  await first.control.steering.backends.change('web', '127.0.0.1:1', { weight: 2 }, BY);
  assert.match(readFileSync(file, 'utf8'), /"weight": 2/);
  await first.reloadHead(api);
  await first.control.steering.backends.change('web', '127.0.0.1:1', { weight: 3 }, BY);
  await first.reloadHead(noApi);
  await first.control.steering.backends.change('web', '127.0.0.1:1', { weight: 4 }, BY);
  assert.match(readFileSync(file, 'utf8'), /"weight": 4/);
  await first.stop();
  const second = await RunningApp.start(t, ['127.0.0.1:1'], {}, noApi);
  assert.equal(second.control.reading.backends('web')[0]?.weight, 4);
});

test('a removed server stays away over a restart', async (t) => {
  const file = fileIn(t);
  const first = await RunningApp.start(t, ['127.0.0.1:1'], {}, apiOf(file));
  await first.control.steering.servers.remove('web', { drainMs: 0 }, BY);
  await first.stop();
  const second = await RunningApp.start(t, ['127.0.0.1:1'], {}, apiOf(file));
  assert.deepEqual(second.control.reading.servers(), []);
});

test('what the file has come to say by itself does not come back when it says otherwise', async (t) => {
  const file = fileIn(t);
  const bind = `127.0.0.1:${await freePort()}`;
  const started = (keys: Readonly<Record<string, unknown>>) =>
    RunningApp.start(t, ['127.0.0.1:1'], { bind, ...keys }, apiOf(file));
  const first = await started({});
  await first.control.steering.servers.patch('web', { max_connections: 5 }, BY);
  await first.stop();
  const second = await started({ max_connections: 5 });
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { version: 1, servers: {} });
  await second.reload(['127.0.0.1:1'], { max_connections: 7 });
  await second.stop();
  const third = await started({ max_connections: 7 });
  assert.equal(third.control.reading.server('web')?.maxConnections, 7);
});

test('a change holds though it cannot be kept, which is said once, and kept as soon as it can be', async (t) => {
  const folder = join(temporaryFolder(t), 'gone');
  mkdirSync(folder);
  const file = join(folder, 'state.json');
  const running = await RunningApp.start(t, ['127.0.0.1:1'], {}, apiOf(file));
  const { control } = running;
  rmSync(folder, { recursive: true });
  for (const weight of [2, 3]) await control.steering.backends.change('web', '127.0.0.1:1', { weight }, BY);
  assert.equal(control.reading.backends('web')[0]?.weight, 3);
  const failures = await running.logged('runtime changes not saved');
  assert.deepEqual([failures.length, failures[0]?.['level'], failures[0]?.['file']], [1, 'error', file]);
  mkdirSync(folder);
  await control.steering.backends.change('web', '127.0.0.1:1', { state: 'draining' }, BY);
  await running.logged('runtime changes are saved again');
  assert.match(readFileSync(file, 'utf8'), /"weight": 3/);
});

test('a change that cannot be kept leaves nothing behind', async (t) => {
  const file = fileIn(t);
  const running = await RunningApp.start(t, ['127.0.0.1:1'], {}, apiOf(file));
  mkdirSync(file);
  await running.control.steering.backends.change('web', '127.0.0.1:1', { weight: 2 }, BY);
  await running.logged('runtime changes not saved');
  assert.deepEqual(readdirSync(join(file, '..')), ['state.json']);
});

test('a reload does not read it, and follows where it is to be', async (t) => {
  const file = fileIn(t);
  const running = await RunningApp.start(t, ['127.0.0.1:1'], {}, apiOf(file));
  await running.control.steering.backends.change('web', '127.0.0.1:1', { weight: 5 }, BY);
  writeFileSync(file, 'not read');
  await running.reload(['127.0.0.1:1'], { retries: 1 });
  assert.equal(readFileSync(file, 'utf8'), 'not read');
  await running.control.steering.backends.change('web', '127.0.0.1:1', { weight: 6 }, BY);
  assert.match(readFileSync(file, 'utf8'), /"weight": 6/);
});

describe('a reload that names another file', () => {
  /** A running app with a change at runtime, and the file where it is to be kept from now on. */
  async function moving(t: TestContext) {
    const [file, other] = [fileIn(t), fileIn(t)];
    const running = await RunningApp.start(t, ['127.0.0.1:1'], {}, apiOf(file));
    await running.control.steering.backends.change('web', '127.0.0.1:1', { weight: 5 }, BY);
    return { running, file, other, move: () => running.reloadHead(apiOf(other)) };
  }

  async function weightsOf(running: RunningApp, ...files: readonly string[]): Promise<readonly (string | undefined)[]> {
    await running.control.steering.backends.change('web', '127.0.0.1:1', { weight: 6 }, BY);
    return files.map((file) => /"weight": (\d)/.exec(readFileSync(file, 'utf8'))?.[1]);
  }

  test('writes it there', async (t) => {
    const { running, file, other, move } = await moving(t);
    await move();
    assert.equal(readFileSync(other, 'utf8'), readFileSync(file, 'utf8'));
    assert.deepEqual(await weightsOf(running, file, other), ['5', '6']);
  });

  test('takes one that says the same, or nothing', async (t) => {
    for (const text of [undefined, '{"version": 1}']) {
      const { running, file, other, move } = await moving(t);
      writeFileSync(other, text ?? readFileSync(file));
      await move();
      assert.deepEqual(await weightsOf(running, file, other), ['5', '6']);
    }
  });

  const STATE = '{"version": 1, "servers": {"web": {"backends": {"changed": {"127.0.0.1:1": {"weight": 9}}}}}}';
  const TAKEN: readonly (readonly [text: string, why: RegExp])[] = [
    [STATE, /holds other changes than those made at runtime/],
    ['{"servers": {}}', /is not a state file/],
    ['[servers.web]\nbind = ":80"\n', /is not a state file/],
  ];
  for (const [text, why] of TAKEN) {
    test(`leaves alone what stands there: ${JSON.stringify(text)}`, async (t) => {
      const { running, file, other, move } = await moving(t);
      writeFileSync(other, text);
      await assert.rejects(move(), (thrown) => {
        assert.ok(thrown instanceof ConfigRefused);
        const [finding] = thrown.diagnostics;
        assert.deepEqual([finding?.code, finding?.path], ['TSLB_CONFIG_STATE_FILE', 'api.state_file']);
        assert.equal(finding?.excerpt?.text, `state_file = ${JSON.stringify(other)}`);
        assert.match(finding.message, why);
        return true;
      });
      assert.deepEqual([readFileSync(other, 'utf8'), running.control.reading.reloads().failed], [text, 1]);
      assert.deepEqual(await weightsOf(running, file), ['6']);
      assert.equal(readFileSync(other, 'utf8'), text);
    });
  }

  test('fails where it cannot be', async (t) => {
    const { running, file, other } = await moving(t);
    await assert.rejects(running.reloadHead(apiOf(join(other, 'none'))), { code: 'TSLB_STATE_FILE' });
    assert.deepEqual(await weightsOf(running, file), ['6']);
  });

  test('and the first one again later, with what was changed in between', async (t) => {
    const { running, file } = await moving(t);
    await running.reloadHead('');
    await running.control.steering.backends.change('web', '127.0.0.1:1', { weight: null }, BY);
    await assert.rejects(running.reloadHead(apiOf(file)), ConfigRefused);
    await running.control.steering.backends.change('web', '127.0.0.1:1', { weight: 5 }, BY);
    await running.reloadHead(apiOf(file));
    assert.deepEqual(await weightsOf(running, file), ['6']);
  });
});

describe('a state file that is wrong', () => {
  const WRONG: readonly (readonly [text: string, findings: readonly string[]])[] = [
    ['', ['state: version TSLB_CONFIG_MISSING']],
    ['{', ['state:1  TSLB_CONFIG_SYNTAX']],
    ['[]', ['state:  TSLB_CONFIG_TYPE']],
    ['{"servers": {}}', ['state: version TSLB_CONFIG_MISSING']],
    ['{"version": 2}', ['state:1 version TSLB_CONFIG_TYPE']],
    [
      '{"version": 1, "servers":\n{"web": {"backends": {"changed": {"a:1": {"weight": -1,\n"state": "up"}}}}}}',
      [
        'state:2 servers.web.backends.changed."a:1".weight TSLB_CONFIG_RANGE',
        'state:3 servers.web.backends.changed."a:1".state TSLB_CONFIG_VALUE',
      ],
    ],
    [
      '{"version": 1, "servers": {"web": {"table":\n{"bind": ":x", "discovery": {"kind": "static", "static_list":\n["a"]}}}}}',
      [
        'state:2 servers.web.table.bind TSLB_CONFIG_BIND',
        'state:3 servers.web.table.discovery.static_list[0] TSLB_CONFIG_BACKEND',
      ],
    ],
    [
      '{"version": 1, "servers": {"new": {"table": {"bind":\n":80", "discovery": {"kind": "static", "static_list": ["a:1"]}}}}}',
      ['state:2 servers.new.table.bind TSLB_CONFIG_BIND_TAKEN'],
    ],
  ];
  for (const [text, findings] of WRONG) {
    test(JSON.stringify(text), async (t) => assert.deepEqual(await findingsOf(t, text), findings));
  }

  test('the sample of docs/operations.md is right, and written as it is read', async () => {
    const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
    const [sample = ''] = codeBlocks(page, 'json').filter((block) => block.includes('"version"'));
    const { overlay, diagnostics } = await readState(Buffer.from(sample), 'state.json');
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(JSON.parse(stateText(overlay ?? NO_OVERLAY)), JSON.parse(sample));
  });

  test('one that is right has nothing to be said of it, nor one for a server that is no more', async (t) => {
    assert.deepEqual(await findingsOf(t, '{"version": 1}'), []);
    const gone = '{"version": 1, "servers": {"gone": {"backends": {"removed": ["a:1"]}}}}';
    assert.deepEqual(await findingsOf(t, gone), []);
  });

  test('one that cannot be read, and a folder that is not there', async (t) => {
    const file = fileIn(t);
    mkdirSync(file);
    for (const path of [file, join(file, 'none', 'state.json')]) {
      const config = loadConfig({ bytes: Buffer.from(apiOf(path)), file: 'tslb.toml' });
      await assert.rejects(
        loadInitialConfig(() => config),
        (thrown: Error & { code?: string }) => {
          assert.equal(thrown.code, 'TSLB_STATE_FILE');
          assert.match(thrown.message, /^api\.state_file: /);
          assert.ok(thrown.message.includes(path));
          return true;
        },
      );
    }
  });
});
