import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import { newVisit, sharedBrowser } from '../helpers/browser/browser.ts';
import {
  ask,
  assertQuiet,
  holdBack,
  lineOf,
  LOGIN,
  pageUrl,
  setHidden,
  shows,
  startScene,
  statsToml,
  untilLive,
  visitLive,
} from '../helpers/browser/stats-page-visit.ts';
import { serverToml, startTslb } from '../helpers/processes/cli.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { startBackend } from '../helpers/sockets/backends.ts';
import { freePort, listed, openEcho } from '../helpers/sockets/traffic.ts';

const CLIENTS = 20;
const PHONE = { width: 390, height: 844 };
const MARKUP = '<img src=x onerror=window.hacked=1>';

const browser = sharedBrowser();

describe('the stats page in Chromium', { skip: missingTools('chromium') }, () => {
  test('asks for the login, and takes no other', async (t) => {
    const { url } = await startScene(t);
    const { status, headers } = await fetch(url);
    assert.deepEqual([status, headers.get('www-authenticate')], [401, 'Basic realm="tslb"']);
    for (const options of [{}, { httpCredentials: { username: LOGIN.login, password: 'x' } }]) {
      const { page } = await newVisit(t, await browser(), options);
      await assert.rejects(page.goto(url), /ERR_(?:INVALID_AUTH_CREDENTIALS|HTTP_RESPONSE_CODE_FAILURE)/);
    }
    const visit = await visitLive(t, await browser(), { url });
    await visit.page.locator('.links').getByText(LOGIN.login).waitFor();
    assertQuiet(visit, url);
  });

  test('is live while traffic flows, and its figures are those of the backends', async (t) => {
    const { running, url, a, b } = await startScene(t);
    const visit = await visitLive(t, await browser(), { url });
    await ask(running, CLIENTS);
    await shows(visit.page, 'web', 'Total', String(CLIENTS));
    await shows(visit.page, listed(a), 'Total', String(a.peers.length));
    await shows(visit.page, listed(b), 'Total', String(b.peers.length));
    await shows(visit.page, 'web', 'Out', `${CLIENTS} B`);
    const client = await openEcho(t, running.at('echo'));
    await shows(visit.page, 'echo', 'Open', '1');
    client.socket.end();
    await shows(visit.page, 'echo', 'Open', '0');
    await visit.page.getByRole('button', { name: 'web', exact: true }).click();
    await visit.page.locator('.causes').getByText('both sides finished').waitFor();
    await visit.page.locator('.history canvas').waitFor();
    assertQuiet(visit, url);
  });

  test('sorts by a click on a head, and shows what the filter says', async (t) => {
    const { running, url } = await startScene(t);
    const visit = await visitLive(t, await browser(), { url });
    const { page } = visit;
    await openEcho(t, running.at('echo'));
    const head = page.locator('thead').getByRole('button', { name: 'Open' });
    const names = (): Promise<string[]> => page.locator('tr.server .name').allInnerTexts();
    await shows(page, 'echo', 'Open', '1');
    assert.deepEqual(await names(), ['web', 'echo']);
    await head.click();
    assert.deepEqual(await names(), ['echo', 'web']);
    await page.locator('th[aria-sort="descending"]', { hasText: 'Open' }).waitFor();
    await head.click();
    await page.locator('th[aria-sort="ascending"]', { hasText: 'Open' }).waitFor();
    assert.deepEqual(await names(), ['web', 'echo']);
    await page.keyboard.press('/');
    await page.keyboard.type('ech');
    await lineOf(page, 'web').waitFor({ state: 'detached' });
    assert.deepEqual(await names(), ['echo']);
    await page.reload();
    await untilLive(page);
    assert.deepEqual(await names(), ['echo']);
    assertQuiet(visit, url);
  });

  test('has links that lead somewhere, whatever words its own address has', async (t) => {
    const { url } = await startScene(t);
    const { page } = await visitLive(t, await browser(), { url: `${url};norefresh` });
    for (const name of ['CSV', 'API']) {
      const href = await page.getByRole('link', { name, exact: true }).getAttribute('href');
      const status = await page.evaluate<number>(`fetch(${JSON.stringify(href)}).then(({ status }) => status)`);
      assert.equal(status, 200, name);
    }
  });

  test('is whole without script, and loads itself again', async (t) => {
    const { running, url } = await startScene(t, { refresh: '1s' });
    const httpCredentials = { username: LOGIN.login, password: LOGIN.password };
    const visit = await newVisit(t, await browser(), { httpCredentials, javaScriptEnabled: false });
    await visit.page.goto(url);
    await shows(visit.page, 'web', 'Total', '0');
    await ask(running, CLIENTS);
    await shows(visit.page, 'web', 'Total', String(CLIENTS));
    assert.equal(await visit.page.getByRole('button').count(), 0);
    assertQuiet(visit, url);
  });

  test('is dark or light as the system is, or as it is told', async (t) => {
    const { url } = await startScene(t);
    const background = (page: Page): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    const light = await visitLive(t, await browser(), { url, colorScheme: 'light' });
    const { page } = await visitLive(t, await browser(), { url, colorScheme: 'dark' });
    const [white, black] = [await background(light.page), await background(page)];
    assert.notEqual(white, black);
    await page.getByLabel('Theme').selectOption('light');
    assert.equal(await background(page), white);
    await page.reload();
    await untilLive(page);
    assert.equal(await background(page), white);
    await page.getByLabel('Theme').selectOption('system');
    assert.equal(await background(page), black);
  });

  test('fits a phone in every view', async (t) => {
    const { running, url } = await startScene(t);
    await openEcho(t, running.at('echo'));
    const visit = await visitLive(t, await browser(), { url, viewport: PHONE });
    const { page } = visit;
    const assertFits = async (): Promise<void> => {
      assert.equal(await page.evaluate<number>('document.documentElement.scrollWidth'), PHONE.width);
    };
    await shows(page, 'echo', 'Open', '1');
    await assertFits();
    await page.getByRole('button', { name: 'echo', exact: true }).click();
    await page.locator('.history canvas').waitFor();
    await assertFits();
    await page.getByRole('link', { name: 'Connections' }).click();
    await page.getByRole('button', { name: /^Kill the connection of/ }).waitFor();
    await assertFits();
    await page.getByRole('link', { name: 'Changes' }).click();
    await assertFits();
    assertQuiet(visit, url);
  });

  test('runs nothing that stands in the page itself', async (t) => {
    const { url } = await startScene(t);
    const { page } = await visitLive(t, await browser(), { url });
    const directive = await page.evaluate<string>(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
      const script = document.createElement('script');
      script.textContent = 'window.hacked = 1';
      document.head.append(script);
    })`);
    assert.equal(directive, 'script-src-elem');
    assert.equal(await page.evaluate('window.hacked'), undefined);
  });

  test('shows markup in the name of a server and in a health reason as text', async (t) => {
    const site = await startBackend(t, ({ socket }) => {
      socket.once('data', () => socket.end(`HTTP/1.0 200 OK\r\n\r\n${MARKUP}`));
    });
    const name = JSON.stringify(MARKUP);
    const check = `[servers.${name}.healthcheck]\nkind = "http"\nhttp_expected_body = "well"\ninterval = "1s"\ntimeout = "1s"\n`;
    const running = await startTslb(t, statsToml() + serverToml(name, [listed(site)]) + check);
    const url = pageUrl(running);
    for (const javaScriptEnabled of [true, false]) {
      const httpCredentials = { username: LOGIN.login, password: LOGIN.password };
      const visit = await newVisit(t, await browser(), { httpCredentials, javaScriptEnabled });
      await visit.page.goto(url);
      if (javaScriptEnabled) await untilLive(visit.page);
      await visit.page.locator('tr.server').getByText(MARKUP, { exact: true }).waitFor();
      await lineOf(visit.page, listed(site))
        .locator('.note', { hasText: `beginning with "${MARKUP}` })
        .waitFor();
      assert.equal(await visit.page.locator('img').count(), 0);
      assertQuiet(visit, url);
    }
  });

  test('says that the connection is lost, and is loaded anew when the balancer is back', async (t) => {
    const bind = `127.0.0.1:${await freePort()}`;
    const config = statsToml({ bind }) + serverToml('web', ['127.0.0.1:1']);
    const first = await startTslb(t, config);
    const url = pageUrl(first);
    const { page } = await visitLive(t, await browser(), { url });
    await first.stop('SIGKILL');
    await page.getByRole('alert').getByText('The connection is lost.').waitFor();
    const loaded = page.waitForEvent('load');
    await startTslb(t, config);
    await loaded;
    await untilLive(page);
    assert.equal(await page.getByText('The connection is lost.').count(), 0);
  });

  test('is loaded anew after a restart in a hidden tab', async (t) => {
    const bind = `127.0.0.1:${await freePort()}`;
    const config = statsToml({ bind }) + serverToml('web', ['127.0.0.1:1']);
    const first = await startTslb(t, config);
    const { page } = await visitLive(t, await browser(), { url: pageUrl(first) });
    await setHidden(page, true);
    await first.stop('SIGKILL');
    await startTslb(t, config);
    const loaded = page.waitForEvent('load');
    await setHidden(page, false);
    await loaded;
    await untilLive(page);
  });

  test('tells how old the figures are, however often it has tried to connect', async (t) => {
    const { url } = await startScene(t);
    const { page } = await visitLive(t, await browser(), { url });
    await page.route('**/v1/events', (route) => route.fulfill({ status: 503 }));
    await setHidden(page, true);
    await setHidden(page, false);
    const alert = page.getByRole('alert').getByText('The connection is lost.');
    await alert.waitFor();
    // It tries every three seconds.
    await page.getByText(/What you see is (\d+m )?([6-9]|\d\d)s old/).waitFor();
    assert.doesNotMatch(await alert.innerText(), /old/);
  });

  test('asks for nothing while it is hidden', async (t) => {
    const { url } = await startScene(t);
    const httpCredentials = { username: LOGIN.login, password: LOGIN.password };
    const { page, requests } = await newVisit(t, await browser(), { httpCredentials });
    await page.addInitScript(`Object.defineProperty(document, 'hidden', { configurable: true, value: true })`);
    await page.goto(url);
    await untilLive(page);
    const asked = (what: string): number => requests.filter((request) => request.includes(what)).length;
    assert.equal(asked('/v1/events'), 0);
    const streaming = page.waitForRequest('**/v1/events');
    await setHidden(page, false);
    await streaming;
    await page.clock.install();
    await page.getByRole('button', { name: 'web', exact: true }).click();
    await page.locator('.history canvas').waitFor();
    await setHidden(page, true);
    const before = requests.length;
    await page.clock.runFor(60_000);
    assert.deepEqual(requests.slice(before), []);
    const history = page.waitForRequest('**/history');
    await setHidden(page, false);
    await history;
  });

  test('shows no connections but those that the filter means', async (t) => {
    const { running, url } = await startScene(t);
    const { page } = await visitLive(t, await browser(), { url });
    await openEcho(t, running.at('echo'));
    await page.getByRole('link', { name: 'Connections' }).click();
    const kill = page.getByRole('button', { name: /^Kill 1/ });
    await kill.waitFor();
    const held = await holdBack(page, /connections\?server=echo/);
    await page.getByLabel('Server').selectOption('echo');
    await page.getByText('Asking…').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Kill/ }).count(), 0);
    const route = await held.first;
    await route.abort();
    await page.getByText('The connections cannot be read now.').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Kill/ }).count(), 0);
    await page.unroute(/connections\?server=echo/);
    await kill.waitFor();
  });
});
