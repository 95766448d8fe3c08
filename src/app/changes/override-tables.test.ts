import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RunningApp } from '../../../test/helpers/rigs/running-app.ts';
import { BY, tableOf } from '../../../test/helpers/texts/changes.ts';
import { staticList } from '../../../test/helpers/texts/static-list.ts';
import { addressText } from '../../core/address.ts';
import type { JsonTable } from '../../core/json.ts';
import type { ServerConfig } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';

test('a dump is a file that says all that holds', async (t) => {
  const lines = ['127.0.0.1:1 weight=2', '127.0.0.1:2'];
  const running = await RunningApp.start(t, lines);
  const { control } = running;
  await control.steering.servers.put('new', tableOf('127.0.0.1:0', lines), { isNew: true }, BY);
  await control.steering.backends.change('web', '127.0.0.1:1', { state: 'draining', weight: 5 }, BY);
  await control.steering.backends.remove('web', '127.0.0.1:2', BY);
  await control.steering.backends.add('web', { host: '::1', port: 3 }, BY);
  for (const format of ['toml', 'json'] as const) {
    const bytes = Buffer.from(control.reading.dump(format, { secrets: true }));
    assert.ok(
      lines.every((line) => bytes.includes(`"${line}"`)),
      'what was not changed is as it was put',
    );
    const { config } = await loadConfig({ bytes, file: `dump.${format}` });
    const listsOf = ({ name, discovery }: ServerConfig) =>
      [name, staticList(discovery).map(({ target, weight, state }) => [addressText(target), weight, state])] as const;
    assert.deepEqual(
      new Map(config?.servers.map(listsOf)),
      new Map([
        [
          'web',
          [
            ['127.0.0.1:1', 5, 'draining'],
            ['[::1]:3', 1, undefined],
          ],
        ],
        [
          'new',
          [
            ['127.0.0.1:1', 2, undefined],
            ['127.0.0.1:2', 1, undefined],
          ],
        ],
      ]),
    );
  }
  const { discovery } = control.reading.serverConfig('web') ?? {};
  assert.deepEqual((discovery as JsonTable)['static_list'], lines, 'as it was put');
});

test('what was changed of backends that only their source lists stands in a dump, and is read as it was meant', async (t) => {
  const [found, other] = ['127.0.0.1:1 weight=2', '127.0.0.1:2'];
  const overrides = { removed: ['127.0.0.9:1'] };
  const source = { kind: 'exec', exec_command: ['printf', '%s\\n', found, other], overrides };
  const { control } = await RunningApp.start(t, [found]);
  const { backends, servers } = control.steering;
  await servers.put('printed', { bind: '127.0.0.1:0', discovery: source }, { isNew: true }, BY);
  await backends.change('printed', '127.0.0.1:1', { state: 'draining', weight: 5 }, BY);
  await backends.remove('printed', '127.0.0.1:2', BY);
  await backends.add('printed', { host: '::1', port: 3 }, BY);
  for (const format of ['toml', 'json'] as const) {
    const bytes = Buffer.from(control.reading.dump(format, { secrets: true }));
    const { config } = await loadConfig({ bytes, file: `dump.${format}` });
    const read = config?.servers.find(({ name }) => name === 'printed')?.discovery.overrides;
    assert.deepEqual([...(read?.added.keys() ?? [])], ['[::1]:3']);
    assert.deepEqual([...(read?.removed ?? [])], ['127.0.0.9:1', '127.0.0.1:2']);
    assert.deepEqual(read?.changed, new Map([['127.0.0.1:1', { state: 'draining', weight: 5 }]]));
  }
});
