import type { TestContext } from 'node:test';

import { temporaryFolder } from '../processes/cli.ts';
import { missingTools } from '../processes/tools.ts';
import { runProgram } from './run-program.ts';

/** Python packages in a folder of the test's own. @returns for PYTHONPATH, or skips the test and says why */
export async function installPypi(t: TestContext, ...packages: readonly string[]): Promise<string | undefined> {
  const missing = missingTools('python3');
  if (missing !== false) {
    t.skip(missing);
    return undefined;
  }
  const folder = temporaryFolder(t);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
  const { code, all } = await runProgram('python3', [...pip, '--target', folder, ...packages]);
  if (code === 0) return folder;
  t.skip(`${packages.join(', ')} cannot be had: ${all.trim().split('\n').at(-1) ?? 'pip did not end'}`);
  return undefined;
}
