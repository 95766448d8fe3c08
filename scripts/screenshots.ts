/**
 * `npm run screenshots`: the pictures of the stats page in docs/images, of a tslb that balances real traffic, taken by
 * Debian's Chromium. Takes about two minutes. `-- --seconds 20` loads it for that long only.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import type { BrowserContextOptions, Page } from 'playwright-core';

import { launchChromium } from './chromium.ts';
import { pause } from './screenshots/pause.ts';
import { smallPng } from './screenshots/small-png.ts';
import { listenAs, loadOf, type Site } from './screenshots/traffic.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const LOGIN = { username: 'admin', password: 'screenshots' };
const DESKTOP = { width: 1440, height: 640 };
const PHONE = { width: 390, height: 844 };

const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '100' } } });

const folder = mkdtempSync(join(tmpdir(), 'tslb-screenshots-'));
const sites = await Promise.all([
  ...['127.0.1.11', '127.0.1.12', '127.0.1.13'].map((ip) => listenAs(ip, 'site')),
  ...['127.0.2.21', '127.0.2.22'].map((ip) => listenAs(ip, 'database')),
]);
const [first, second, third, primary, standby] = sites as [Site, Site, Site, Site, Site];
const browser = await launchChromium();
const config = join(folder, 'tslb.toml');
writeFileSync(config, configuration());
const balancer = spawn(process.execPath, [MAIN, 'start', '-c', config], { stdio: ['ignore', 'pipe', 'inherit'] });

try {
  const addresses = await listening(balancer.stdout);
  const url = `http://${addresses.get('stats') ?? ''}/stats`;
  await picture('idle', url, { colorScheme: 'light', viewport: DESKTOP });

  const loads = [
    loadOf(addresses.get('shop') ?? '', { clients: 24, thinkMs: 120 }),
    loadOf(addresses.get('database') ?? '', { clients: 9, thinkMs: 900 }),
  ];
  const whole = { ...DESKTOP, height: 900 };
  await picture('load', url, { colorScheme: 'dark', viewport: whole }, async (page) => {
    await page.getByRole('button', { name: 'shop', exact: true }).click();
    await pause(Number(options.seconds) * 1000);
  });
  third.close();
  await picture('down', url, { colorScheme: 'light', viewport: DESKTOP }, untilDown);
  await picture('phone', url, { colorScheme: 'light', viewport: PHONE }, untilDown);
  for (const load of loads) load.stop();
} finally {
  balancer.kill('SIGKILL');
  await browser.close();
  for (const site of sites) site.close();
  rmSync(folder, { recursive: true, force: true });
}

/** An hour of history would be prettier, and take an hour. */
async function picture(
  name: string,
  url: string,
  how: BrowserContextOptions,
  prepare?: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ httpCredentials: LOGIN, ...how });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('.api-connection.live').waitFor();
  await prepare?.(page);
  writeFileSync(join(ROOT, 'docs', 'images', `stats-page-${name}.png`), smallPng(await page.screenshot()));
  await context.close();
}

/** And a little longer, so that there is something to see in the sparklines. */
async function untilDown(page: Page): Promise<void> {
  await page.locator('tr.backend .badge.bad').first().waitFor();
  await pause(20_000);
}

/** The addresses of services and servers, by their names, once all listen. */
async function listening(output: NodeJS.ReadableStream): Promise<ReadonlyMap<string, string>> {
  const addresses = new Map<string, string>();
  const lines = createInterface({ input: output });
  lines.on('line', (line) => {
    const [, service, server = service, address] =
      /\((\w+)\): (?:service listening|listening server=(\S+) bind=\S+) address=(\S+)/.exec(line) ?? [];
    if (server !== undefined && address !== undefined) addresses.set(server, address);
    if (line.includes('(manager): started')) lines.emit('started');
  });
  await once(lines, 'started');
  return addresses;
}

function configuration(): string {
  const check = '[servers.NAME.healthcheck]\nkind = "ping"\ninterval = "1s"\ntimeout = "500ms"\n';
  const server = (name: string, keys: string, backends: readonly string[]): string =>
    `[servers.${name}]\n${keys}\n[servers.${name}.discovery]\nkind = "static"\n` +
    `static_list = ${JSON.stringify(backends)}\n${check.replace('NAME', name)}`;
  return [
    `[stats]\nenabled = true\nbind = "127.0.0.1:0"\nadmin = true\n`,
    `[stats.basic_auth]\nlogin = "${LOGIN.username}"\npassword = "${LOGIN.password}"\n`,
    server('shop', 'bind = "127.0.0.1:0"\nbalance = "leastconn"\nmax_connections = 4000', [
      `${first.address} weight=3 max_connections=200`,
      `${second.address} weight=2 max_connections=200`,
      `${third.address} max_connections=100`,
    ]),
    server('database', 'bind = "127.0.0.2:0"', [`${primary.address} priority=1`, `${standby.address} priority=2`]),
    server('mail', 'bind = "127.0.0.3:0"', [first.address, `${second.address} state=draining`]),
  ].join('\n');
}
