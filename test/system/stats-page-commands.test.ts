import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { sharedBrowser } from '../helpers/browser/browser.ts';
import {
  ask,
  assertQuiet,
  command,
  holdBack,
  isInState,
  lineOf,
  shows,
  startScene,
  visitLive,
} from '../helpers/browser/stats-page-visit.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { answerOf, freePort, listed, openEcho } from '../helpers/sockets/traffic.ts';

const CLIENTS = 20;

const browser = sharedBrowser();

describe('the commands of the stats page in Chromium', { skip: missingTools('chromium') }, () => {
  test('drains a backend, and the traffic goes to the other one', async (t) => {
    const { running, url, a } = await startScene(t);
    const visit = await visitLive(t, await browser(), { url });
    const { page } = visit;
    const question = await command(page, listed(a), 'Drain');
    assert.equal(question, `${listed(a)} of web gets no new clients. Its 0 connections may finish.`);
    await page
      .getByRole('status')
      .getByText(`${listed(a)} of web is draining`)
      .waitFor();
    await isInState(page, listed(a), 'draining');
    assert.deepEqual(new Set(await ask(running, CLIENTS)), new Set(['b']));
    await running.logged(/backend override changed by\.via=page by\.client=127\.0\.0\.1 by\.login=admin /);
    await command(page, listed(a), 'Enable');
    await isInState(page, listed(a), 'unchecked');
    assert.deepEqual(new Set(await ask(running, CLIENTS)), new Set(['a', 'b']));
    assertQuiet(visit, url);
  });

  test('sets weight and limit of a backend, and says what is wrong with them', async (t) => {
    const { url, a } = await startScene(t);
    const visit = await visitLive(t, await browser(), { url });
    const { page } = visit;
    await lineOf(page, listed(a))
      .getByRole('button', { name: /^Commands for/ })
      .click();
    await page.getByRole('menuitem', { name: 'Weight and limit…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Weight').fill('99999999999');
    await dialog.getByRole('button', { name: 'Set' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/weight/)
      .waitFor();
    await dialog.getByLabel('Weight').fill('7');
    await dialog.getByLabel('Connections at once').fill('3');
    await dialog.getByRole('button', { name: 'Set' }).click();
    await shows(page, listed(a), 'Weight', '7*');
    await shows(page, listed(a), 'Limit', '3');
    assert.deepEqual(
      visit.errors.filter((error) => !error.includes('422')),
      [],
    );
  });

  test('kills a connection', async (t) => {
    const { running, url } = await startScene(t);
    const visit = await visitLive(t, await browser(), { url });
    const { page } = visit;
    const client = await openEcho(t, running.at('echo'));
    const { localPort } = client.socket;
    await page.getByRole('link', { name: 'Connections' }).click();
    await page.getByRole('button', { name: `Kill the connection of 127.0.0.1:${localPort}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`The connection of 127.0.0.1:${localPort} at echo`).waitFor();
    await dialog.getByRole('button', { name: 'Kill' }).click();
    assert.equal((await client.closed()).end, 'ECONNRESET');
    await page.getByText('No connection is open.').waitFor();
    assertQuiet(visit, url);
  });

  test('adds a server and a backend, and removes them', async (t) => {
    const { url, a, b } = await startScene(t);
    const visit = await visitLive(t, await browser(), { url });
    const { page } = visit;
    const port = await freePort();
    await page.getByRole('button', { name: 'Add server…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('new');
    await dialog.getByLabel('Bind').fill(`127.0.0.1:${port}`);
    await dialog.getByLabel('Backends').fill(listed(a));
    await dialog.getByRole('button', { name: 'Add' }).click();
    await lineOf(page, 'new').waitFor();
    assert.equal(await answerOf({ ip: '127.0.0.1', port }), 'a');
    await lineOf(page, 'new')
      .getByRole('button', { name: /^Commands for/ })
      .click();
    await page.getByRole('menuitem', { name: 'Add a backend…' }).click();
    await dialog.getByLabel('Host').fill('127.0.0.1');
    await dialog.getByLabel('Port').fill(String(b.port));
    await dialog.getByRole('button', { name: 'Add' }).click();
    await page
      .locator('tbody', { has: page.getByText('new', { exact: true }) })
      .getByText(listed(b))
      .waitFor();
    await command(page, 'new', 'Remove the server');
    await lineOf(page, 'new').waitFor({ state: 'detached' });
    assert.equal(await answerOf({ ip: '127.0.0.1', port }), 'ECONNREFUSED');
    assertQuiet(visit, url);
  });

  test('adds no server in the place of another', async (t) => {
    const { running, url, a } = await startScene(t);
    const visit = await visitLive(t, await browser(), { url });
    const { page } = visit;
    await page.getByRole('button', { name: 'Add server…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('web');
    await dialog.getByLabel('Bind').fill(`127.0.0.1:${await freePort()}`);
    await dialog.getByLabel('Backends').fill(listed(a));
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByRole('alert').getByText('the server web exists already').waitFor();
    assert.deepEqual(new Set(await ask(running, CLIENTS)), new Set(['a', 'b']));
    assert.deepEqual(
      visit.errors.filter((error) => !error.includes('409')),
      [],
    );
  });

  test('reloads the configuration, and says what has changed', async (t) => {
    const { url } = await startScene(t);
    const visit = await visitLive(t, await browser(), { url });
    await visit.page.getByRole('button', { name: 'Reload…' }).click();
    await visit.page.getByRole('dialog').getByRole('button', { name: 'Reload' }).click();
    await visit.page.getByRole('status').getByText('reloaded: no server has changed').first().waitFor();
    assertQuiet(visit, url);
  });

  test('has a menu that leaves the focus where a click has put it', async (t) => {
    const { url, a } = await startScene(t);
    const { page } = await visitLive(t, await browser(), { url });
    await lineOf(page, listed(a))
      .getByRole('button', { name: /^Commands for/ })
      .click();
    await page.getByRole('menuitem').first().waitFor();
    const filter = page.getByRole('searchbox', { name: 'Filter' });
    await filter.click();
    await page.getByRole('menuitem').first().waitFor({ state: 'detached' });
    await page.keyboard.type('web');
    assert.equal(await filter.inputValue(), 'web');
  });

  test('can be worked by the keyboard alone', async (t) => {
    const { url, a } = await startScene(t);
    const { page } = await visitLive(t, await browser(), { url });
    const more = lineOf(page, listed(a)).getByRole('button', { name: /^Commands for/ });
    const focused = (text: string): Promise<void> => page.locator(':focus', { hasText: text }).waitFor();
    await more.press('Enter');
    await focused('Drain…');
    await page.keyboard.press('ArrowDown');
    await focused('Disable…');
    await page.keyboard.press('Escape');
    await page.getByRole('menuitem').first().waitFor({ state: 'detached' });
    await page.locator(`:focus[aria-label="Commands for backend ${listed(a)} of web"]`).waitFor();
    await page.keyboard.press('Enter');
    await focused('Drain…');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Drain' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await isInState(page, listed(a), 'unchecked');
    await more.press('Enter');
    await focused('Drain…');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Drain' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.locator(`:focus[aria-label="Commands for backend ${listed(a)} of web"]`).waitFor();
    await isInState(page, listed(a), 'draining');
  });

  test('waits for no removal, and says what came of a command whose dialog is gone', async (t) => {
    const { running, url, a } = await startScene(t);
    const { page } = await visitLive(t, await browser(), { url });
    const client = await openEcho(t, running.at('echo'));
    await command(page, 'echo', 'Remove the server');
    await lineOf(page, 'echo').waitFor({ state: 'detached' });
    const dialog = page.getByRole('dialog', { name: 'Add a server' });
    await page.getByRole('button', { name: 'Add server…' }).click();
    await dialog.getByLabel('Name').fill('other');
    client.socket.end();
    await page.locator('.notice-place').getByText('echo was removed').waitFor();
    assert.equal(await dialog.getByLabel('Name').inputValue(), 'other');
    await page.keyboard.press('Escape');

    const held = await holdBack(page, '**/v1/servers/web/backends/*');
    await lineOf(page, listed(a))
      .getByRole('button', { name: /^Commands for/ })
      .click();
    await page.getByRole('menuitem', { name: 'Drain…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drain' }).click();
    const route = await held.first;
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add server…' }).click();
    await dialog.getByLabel('Name').fill('third');
    await route.fulfill({ status: 409, json: { error: { code: 'TSLB_BUSY', message: 'it is busy' } } });
    await page.locator('.notice-place').getByText('Drain: it is busy').waitFor();
    assert.equal(await dialog.getByLabel('Name').inputValue(), 'third');
  });

  test('without admin shows nothing to change something with, and refuses it', async (t) => {
    const { url, a } = await startScene(t, { admin: false });
    const { page } = await visitLive(t, await browser(), { url });
    await lineOf(page, 'web').waitFor();
    assert.equal(await page.getByRole('button', { name: /Commands|Reload|Add/ }).count(), 0);
    assert.equal(await page.locator('meta[name="tslb-csrf"]').count(), 0);
    const path = `${url}/v1/servers/web/backends/${encodeURIComponent(listed(a))}`;
    const status = await page.evaluate<number>(`fetch(${JSON.stringify(path)}, {
      method: 'PATCH', body: '{"state":"draining"}', headers: { 'content-type': 'application/json' },
    }).then(({ status }) => status)`);
    assert.equal(status, 403);
    await isInState(page, listed(a), 'unchecked');
  });
});
