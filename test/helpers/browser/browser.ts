import { after, type TestContext } from 'node:test';

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import { launchChromium } from '../../../scripts/chromium.ts';

/** A page, and what went wrong in it. */
export interface Visit {
  readonly page: Page;
  /** Of the console and of scripts, each in words. */
  readonly errors: string[];
  /** Each request, by its URL. */
  readonly requests: string[];
}

/** A page with cookies and storage of its own, closed at the end of the test. It is still empty. */
export async function newVisit(t: TestContext, browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  const page = await context.newPage();
  const visit: Visit = { page, errors: [], requests: [] };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') visit.errors.push(message.text());
  });
  page.on('pageerror', (error) => visit.errors.push(error.message));
  page.on('request', (request) => visit.requests.push(request.url()));
  return visit;
}

/** One browser for all tests of a file, for it takes longer to start than most of them; started by the first. */
export function sharedBrowser(): () => Promise<Browser> {
  let shared: Promise<Browser> | undefined;
  after(async () => (await shared)?.close());
  return () => (shared ??= launchChromium());
}
