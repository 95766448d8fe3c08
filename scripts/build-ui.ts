/**
 * The last part of `npm run build`: what browsers get of the stats page, from src/ui into dist/ui, with the licences of
 * the packages in it. Nothing else of src/ui is compiled; `npm run lint` checks its types.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, type BuildOptions } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCE = join(ROOT, 'src', 'ui');
const TARGET = join(ROOT, 'dist', 'ui');
const PACKAGES = ['preact', '@preact/signals', '@preact/signals-core', 'uplot'];

const OPTIONS: BuildOptions = {
  bundle: true,
  minify: true,
  target: ['es2022', 'chrome115', 'firefox125', 'safari17'],
  legalComments: 'none',
  outdir: TARGET,
  entryNames: '[name]',
  logLevel: 'warning',
};

rmSync(TARGET, { recursive: true, force: true });
await Promise.all([
  build({ ...OPTIONS, entryPoints: [join(SOURCE, 'page.tsx'), join(SOURCE, 'style', 'page.css')], format: 'esm' }),
  // No module: it has to run before the page is drawn.
  build({ ...OPTIONS, entryPoints: [join(SOURCE, 'theme.ts')], format: 'iife' }),
]);
cpSync(join(SOURCE, 'icon.svg'), join(TARGET, 'icon.svg'));
writeFileSync(join(TARGET, 'licenses.txt'), PACKAGES.map(licenceOf).join('\n'));

function licenceOf(name: string): string {
  const folder = join(ROOT, 'node_modules', name);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return `${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n`;
}
