import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { serverToml, startTslb, temporaryFolder } from '../helpers/processes/cli.ts';
import { startSteered } from '../helpers/processes/ctl.ts';
import { openPane } from '../helpers/processes/tmux.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { echo, startBackend } from '../helpers/sockets/backends.ts';
import { listed, openEcho } from '../helpers/sockets/traffic.ts';

// What tslb ctl does where somebody sits at a terminal.
describe('tslb ctl at a terminal', { skip: missingTools('tmux', 'stty') }, () => {
  test('asks before it cuts connections', async (t) => {
    const backend = await startBackend(t, echo);
    const { running, api, json } = await startSteered(t, serverToml('web', [listed(backend)]));
    const peer = await openEcho(t, running.at('web'));
    const pane = await openPane(t, { env: { TSLB_API: api } });
    await pane.enter('tslb ctl kill --server web; echo "code $?"');
    await pane.shows(/^This cuts 1 connection of server web\. Continue\? \[y\/N\]$/m);
    await pane.press('Enter');
    await pane.shows(/cancelled; nothing was changed\n+code 1$/m);
    assert.equal(((await json('connections')) as { total: number }).total, 1);
    await pane.enter('clear; tslb ctl kill --server web; echo "code $?"');
    await pane.shows(/\[y\/N\]$/m);
    await pane.enter('y');
    await pane.shows(/^1 connection cut\ncode 0$/m);
    assert.equal((await peer.closed()).end, 'ECONNRESET');
    await pane.enter('clear; tslb ctl kill --all; echo "code $?"');
    await pane.shows(/^0 connections cut\ncode 0$/m);
  });

  test('asks for the password without showing it', async (t) => {
    const api = `unix:${join(temporaryFolder(t), 'api.sock')}`;
    const login = '[api.basic_auth]\nlogin = "admin"\npassword = "hidden"\n';
    await startTslb(t, `[api]\nenabled = true\nbind = "${api}"\n${login}${serverToml('web', ['127.0.0.1:1'])}`);
    const pane = await openPane(t, { env: { TSLB_API: api, TSLB_LOGIN: 'admin' } });
    await pane.enter('tslb ctl log-level; echo "code $?"');
    await pane.shows(/^Password of admin at unix:/m);
    await pane.enter('hidden');
    const screen = await pane.shows(/^info\ncode 0$/m);
    assert.ok(!screen.includes('hidden'));
    await pane.enter('clear; tslb ctl log-level; echo "code $?"');
    // Not the one before, until the screen is cleared.
    await pane.shows(/^Password of admin(?![^]*code 0)/m);
    await pane.press('C-c');
    await pane.shows(/password of admin is missing[^]*code 64$/m);
    assert.ok((await pane.modes()).has('echo'));
  });

  test('says what it waits for, and for how long', async (t) => {
    const backend = await startBackend(t, echo);
    const { running, api } = await startSteered(t, serverToml('web', [listed(backend)]));
    const peer = await openEcho(t, running.at('web'));
    const pane = await openPane(t, { env: { TSLB_API: api } });
    await pane.enter(`tslb ctl drain web ${listed(backend)} --wait; echo "code $?"`);
    await pane.shows(/ drains: 1 connection left \(\d/);
    peer.socket.end();
    const screen = await pane.shows(/^code 0$/m);
    assert.match(screen, /has no more connections/);
    assert.doesNotMatch(screen, /drains: /);
  });

  test('has colours, but not with NO_COLOR or in a file', async (t) => {
    const { api } = await startSteered(t, serverToml('web', ['127.0.0.1:1']));
    const pane = await openPane(t, { env: { TSLB_API: api } });
    await pane.enter('tslb ctl servers');
    await pane.shows(/^web /m);
    assert.ok((await pane.colours()).includes('\x1b[32m1/1 up'));
    await pane.enter('clear; NO_COLOR=1 tslb ctl servers');
    await pane.shows(/clear[^]*^web |^(?![^]*clear)[^]*^web /m);
    await pane.enter('clear; tslb ctl servers > out; grep -c "$(printf "\\033")" out; rm out; echo "code $?"');
    await pane.shows(/^0\ncode 0$/m);
  });
});
