import { type Browser, chromium } from 'playwright-core';

import { toolPath } from './bench/tools.ts';

/** A browser that asks nobody but who is named to it. The sandbox of its own cannot be had as root. */
const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/** Debian's Chromium, without a window and with a profile of its own. @param more arguments of its command line */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: toolPath('chromium') ?? 'chromium', args: [...ARGUMENTS, ...more] });
}
