import { readFileSync } from 'node:fs';

import { describeEngine } from '../app/runtime/engine.ts';

/** The version in package.json, which lies three folders above the compiled file, in a checkout and when installed. */
export function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The version alone in the first line, for scripts; then the engine. */
export function versionText(): string {
  return `${version()}\n${describeEngine()}\n`;
}
