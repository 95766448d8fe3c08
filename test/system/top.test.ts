import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';

import { serverToml, startTslb, temporaryFolder } from '../helpers/processes/cli.ts';
import { startSteered, type Steered } from '../helpers/processes/ctl.ts';
import { openPane, type Pane, type PaneOptions } from '../helpers/processes/tmux.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { listed, openEcho } from '../helpers/sockets/traffic.ts';

const skip = missingTools('tmux', 'stty');

interface Scene extends Steered {
  readonly pane: Pane;
  /** The keys of the two backends of `web`; the second has a client. */
  readonly keys: readonly [string, string];
}

/** A balancer with two servers and a client, and `tslb top` before it. */
async function startScene(t: TestContext, options: PaneOptions = {}): Promise<Scene> {
  const [one, two] = [await startBackend(t, echo), await startBackend(t, echo)];
  const servers =
    serverToml('web', [`${listed(one)} weight=0`, listed(two)]) +
    serverToml('idle', ['127.0.0.1:1'], { bind: '127.0.0.2:0' });
  const steered = await startSteered(t, servers);
  await openEcho(t, steered.running.at('web'));
  const pane = await openPane(t, { ...options, env: { ...options.env, TSLB_API: steered.api } });
  await pane.enter('tslb top');
  await pane.shows(/^connections 1 /m);
  return { ...steered, pane, keys: [listed(one), listed(two)] };
}

/** The names of the rows, in their order; the chosen one has its mark. */
function rowsOf(screen: string): readonly string[] {
  const lines = screen.split('\n');
  const first = lines.findIndex((line) => line.includes('STATUS')) + 1;
  return lines.slice(first).flatMap((line) => /^(>| ) +(\S+) /.exec(line)?.slice(1, 3).join('').trim() ?? []);
}

async function isBack(pane: Pane): Promise<void> {
  await pane.isGivenBack();
  const modes = await pane.modes();
  for (const mode of ['icanon', 'echo', 'isig', 'opost']) assert.ok(modes.has(mode), mode);
}

describe('tslb top', { skip }, () => {
  test('shows servers and backends with their figures, and quits', async (t) => {
    const { pane, running, api, keys } = await startScene(t);
    const screen = await pane.shows(/^connections 1 /m);
    assert.match(
      screen,
      new RegExp(`^tslb \\S+ +\\w+ +\\d+ threads? +up \\S+ +pid ${running.pid} +${api} +live$`, 'm'),
    );
    assert.match(screen, /^cpu +[\d.]+ % +memory [\d.]+ MB +loop [\d.]+ ms +files \d+/m);
    assert.match(screen, /^ {2}NAME▾ +STATUS +CONN +/m);
    assert.match(screen, new RegExp(`^ +${keys[1]} +unchecked +1 `, 'm'));
    assert.deepEqual(rowsOf(screen), ['>idle', '127.0.0.1:1', 'web', ...keys.toSorted(byPort)]);
    assert.match(screen, /^q quit {2}\? help/m);
    assert.equal(await pane.fact('alternate_on'), '1');
    assert.equal(await pane.fact('cursor_flag'), '0');
    assert.ok((await pane.modes()).has('-icanon'));

    await pane.press('q');
    await isBack(pane);
    await pane.enter('echo "code $?"');
    await pane.shows(/^code 0$/m);
  });

  test('sorts, filters and finds its way by keys', async (t) => {
    const { pane } = await startScene(t);
    await pane.press('C');
    assert.equal(rowsOf(await pane.shows(/CONN▾/))[0], 'web');
    await pane.press('C');
    await pane.shows(/CONN▴/);
    await pane.press('N', 'End');
    await pane.shows(/^> {3}127\.0\.0\.1:\d+ /m);
    await pane.press('Home');
    await pane.shows(/^> idle /m);
    await pane.type('/web');
    await pane.shows(/^Filter: web_$/m);
    await pane.press('Enter');
    assert.equal(rowsOf(await pane.shows(/^Filter: web$/m)).length, 3);
    await pane.press('?');
    await pane.shows(/^Keys$/m);
    await pane.press('Space', 'Escape');
    await pane.shows(/^ {2}idle /m);
  });

  test('drains the chosen backend after a yes, and enables it again', async (t) => {
    const { pane, json, keys } = await startScene(t);
    const [, key] = keys;
    await pane.type(`/${key}`);
    await pane.press('Enter', 'End', 'd');
    await pane.shows(new RegExp(`^Drain web/${key}\\? Then .* y/n`, 'm'));
    await pane.press('n');
    await pane.shows(/^Nothing was changed\./m);
    assert.equal(await stateOf(json, key), 'enabled');
    await pane.press('d', 'y');
    await pane.shows(new RegExp(`^web/${key} is draining\\.$`, 'm'));
    await pane.shows(new RegExp(`${key} +draining\\* +1 `));
    assert.equal(await stateOf(json, key), 'draining');
    await pane.press('e', 'y');
    await pane.shows(new RegExp(`${key} +unchecked\\* `));
    assert.equal(await stateOf(json, key), 'enabled');
  });

  test('shows connections, and cuts one after a yes', async (t) => {
    const { pane, keys, json } = await startScene(t);
    await pane.type('/web');
    await pane.press('Enter', 'Enter');
    const screen = await pane.shows(/^web: 1 connection$/m);
    assert.match(screen, new RegExp(`^> 127\\.0\\.0\\.1:\\d+ .* connected +${keys[1]} `, 'm'));
    await pane.press('K', 'y');
    await pane.shows(/^The connection is cut\.$/m);
    await pane.shows(/there are no connections/);
    assert.equal(((await json('connections')) as { total: number }).total, 0);
    await pane.press('Escape');
    await pane.shows(/NAME▾/);
  });

  test('follows the size of the terminal', async (t) => {
    const { pane } = await startScene(t);
    await pane.shows(/PEAK/);
    await pane.resize(60, 10);
    const narrow = await pane.shows(/^(?![^]*PEAK)[^]*STATUS/);
    assert.ok(narrow.split('\n').every((line) => line.length <= 60));
    await pane.shows(/^q quit.*\n*$/m);
    await pane.resize(150, 30);
    await pane.shows(/REASON/);
  });

  test('says that the connection is lost, and comes back', async (t) => {
    const { pane, running, api } = await startScene(t);
    await running.stop('SIGKILL');
    await pane.shows(/connection lost \S+ ago$/m);
    await pane.shows(/trying again$/m);
    await startTslb(t, `[api]\nenabled = true\nbind = "${api}"\n${serverToml('back', ['127.0.0.1:1'])}`);
    await pane.shows(/^> back .*[^]*live$|live$[^]*^> back /m);
  });

  test('stops and goes on with the shell’s job control', async (t) => {
    const { pane } = await startScene(t);
    await pane.press('C-z');
    await isBack(pane);
    await pane.enter('fg');
    await pane.shows(/live$/m);
    assert.equal(await pane.fact('alternate_on'), '1');
    await pane.press('C-c');
    await isBack(pane);
  });

  test('has no colours with NO_COLOR, and still says what is chosen', async (t) => {
    const { pane } = await startScene(t, { env: { NO_COLOR: '1' } });
    await pane.shows(/^> idle /m);
    assert.doesNotMatch(await pane.colours(), /\x1b\[[\d;]*m/);
    const coloured = await startScene(t);
    await coloured.pane.shows(/^> idle /m);
    assert.match(await coloured.pane.colours(), /\x1b\[[\d;]*m/);
  });

  for (const signal of ['TERM', 'HUP', 'INT']) {
    test(`gives the terminal back at SIG${signal}`, async (t) => {
      const { pane } = await startScene(t);
      await pane.kill(signal);
      await isBack(pane);
    });
  }

  test('gives the terminal back when it crashes, and shows why', async (t) => {
    const crash = `process.on("SIGUSR2",()=>{throw new Error("injected")})`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}` };
    const { pane } = await startScene(t, { env });
    await pane.kill('USR2');
    await isBack(pane);
    await pane.shows(/Error: injected/);
  });
});

test('tslb top without a terminal says what to use instead', { skip }, async (t) => {
  const pane = await openPane(t, { columns: 100 });
  await pane.enter('tslb top > /dev/null; echo "code $?"');
  const screen = await pane.shows(/^code \d+$/m);
  assert.match(screen, /^tslb: tslb top needs a terminal; "tslb ctl servers" and/m);
  assert.match(screen, /^code 64$/m);
});

test('tslb top says at once that there is no tslb, and leaves the screen alone', { skip }, async (t) => {
  const pane = await openPane(t, { env: { TSLB_API: `unix:${join(temporaryFolder(t), 'none')}` } });
  await pane.enter('tslb top; echo "code $?"');
  const screen = await pane.shows(/^code 1$/m);
  assert.match(screen, /does not answer; is tslb running/);
});

async function stateOf(json: Steered['json'], key: string): Promise<unknown> {
  const { backends } = (await json('backends', 'web')) as { backends: readonly Record<string, unknown>[] };
  return backends.find((backend) => backend['key'] === key)?.['state'];
}

function byPort(one: string, other: string): number {
  return Number(one.split(':')[1]) - Number(other.split(':')[1]);
}
