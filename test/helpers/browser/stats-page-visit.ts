import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import type { Browser, BrowserContextOptions, Locator, Page, Route } from 'playwright-core';

import { serverToml, startTslb, type Tslb } from '../processes/cli.ts';
import { echo, startBackend, type TestBackend } from '../sockets/backends.ts';
import { answerOf, listed, startNamed } from '../sockets/traffic.ts';
import { newVisit, type Visit } from './browser.ts';

export const LOGIN = { login: 'admin', password: 'geheim' } as const;

/** The section of a stats page with a login, that may change something unless `keys` say otherwise. */
export function statsToml(keys: Readonly<Record<string, unknown>> = {}): string {
  const all = { enabled: true, bind: '127.0.0.1:0', admin: true, ...keys };
  const lines = Object.entries(all).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const auth = ['[stats.basic_auth]', `login = "${LOGIN.login}"`, `password = "${LOGIN.password}"`];
  return ['[stats]', ...lines, ...auth, ''].join('\n');
}

/** Where a balancer has its page. */
export function pageUrl({ lines }: Tslb): string {
  for (const line of lines.toReversed()) {
    const [, address] = /\(stats\): service listening address=(\S+)$/.exec(line) ?? [];
    if (address !== undefined) return `http://${address}/stats`;
  }
  throw new Error(`no page\n${lines.join('\n')}`);
}

/** Opens the page with a login, and waits until it is live. */
export async function visitLive(
  t: TestContext,
  browser: Browser,
  { url, ...options }: BrowserContextOptions & { readonly url: string },
): Promise<Visit> {
  const httpCredentials = { username: LOGIN.login, password: LOGIN.password };
  const visit = await newVisit(t, browser, { httpCredentials, ...options });
  await visit.page.goto(url);
  await untilLive(visit.page);
  return visit;
}

export async function untilLive(page: Page): Promise<void> {
  await page.locator('.api-connection.live').waitFor();
}

/** The line of a server or a backend, by its name. */
export function lineOf(page: Page, name: string): Locator {
  return page
    .locator('table.figures > tbody > tr')
    .filter({ has: page.locator('th').getByText(name, { exact: true }) });
}

/** One figure of it, by the head of its column. */
export function figureOf(page: Page, name: string, column: string): Locator {
  return lineOf(page, name).locator(`td[data-label="${column}"]`);
}

/** Chooses a command of a line, and says yes. @returns what the page asked before */
export async function command(page: Page, name: string, title: string): Promise<string> {
  await lineOf(page, name)
    .getByRole('button', { name: /^Commands for/ })
    .click();
  await page.getByRole('menuitem', { name: `${title}…` }).click();
  const dialog = page.getByRole('dialog');
  const question = await dialog.locator('p').first().innerText();
  await dialog.locator('button[type="submit"]').click();
  await dialog.waitFor({ state: 'detached' });
  return question;
}

/** A balancer with its page. */
export interface PageScene {
  readonly running: Tslb;
  readonly url: string;
  /** Behind `web`, each saying its name. */
  readonly a: TestBackend;
  readonly b: TestBackend;
}

/** Two backends that say their names behind `web`, and one that echoes behind `echo`. @param keys of the section */
export async function startScene(t: TestContext, keys: Readonly<Record<string, unknown>> = {}): Promise<PageScene> {
  const [a, b, echoing] = [await startNamed(t, 'a'), await startNamed(t, 'b'), await startBackend(t, echo)];
  const web = serverToml('web', [listed(a), listed(b)], { balance: 'roundrobin' });
  const other = serverToml('echo', [listed(echoing)], { bind: '127.0.0.2:0' });
  const running = await startTslb(t, statsToml(keys) + web + other);
  return { running, url: pageUrl(running), a, b };
}

/** So many clients of `web`, one after the other. @returns who served each */
export async function ask(running: Tslb, times: number): Promise<readonly string[]> {
  const answers = [];
  for (let n = 0; n < times; n++) answers.push(await answerOf(running.at('web')));
  return answers;
}

/** Resolves when a figure is this one. */
export async function shows(page: Page, name: string, column: string, text: string): Promise<void> {
  const pattern = new RegExp(`^${text.replaceAll('*', String.raw`\*`)}$`);
  await figureOf(page, name, column).filter({ hasText: pattern }).waitFor();
}

/** Resolves when a backend has this state. */
export async function isInState(page: Page, backend: string, word: string): Promise<void> {
  await lineOf(page, backend).locator('.badge', { hasText: word }).waitFor();
}

/** That nothing went wrong in the page, and it asked nobody else. */
export function assertQuiet({ errors, requests }: Visit, url: string): void {
  assert.deepEqual(errors, []);
  const { origin } = new URL(url);
  const foreign = requests.filter((request) => new URL(request).origin !== origin);
  assert.deepEqual(foreign, []);
}

/** Lets nothing through that the page asks for at such an address. @returns the first of it, to be answered */
export async function holdBack(page: Page, address: string | RegExp): Promise<{ readonly first: Promise<Route> }> {
  let hold: (route: Route) => void = () => undefined;
  const first = new Promise<Route>((resolve) => (hold = resolve));
  await page.route(address, (route) => hold(route));
  return { first };
}

/** Makes a page believe that nobody sees it, or that somebody does again. */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${isHidden} });
    document.dispatchEvent(new Event('visibilitychange'))`);
}
