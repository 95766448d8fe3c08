import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { addressText } from '../../src/core/address.ts';
import { startWithApi } from '../helpers/processes/api.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { freePort } from '../helpers/sockets/traffic.ts';
import { codeBlocks, section } from '../helpers/texts/markdown.ts';

const PAGE = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
const skip = missingTools('curl');
const run = promisify(execFile);

interface Example {
  readonly command: string;
  /** Where `...` stands, anything may. */
  readonly output: string;
}

function examplesOf(block: string): readonly Example[] {
  const parts = block.trimEnd().split(/^\$ /m).slice(1);
  return parts.map((part) => {
    const end = part.indexOf('\n');
    return { command: part.slice(0, end), output: part.slice(end + 1).trimEnd() };
  });
}

test("the examples of gobetween's routes answer as the page says, one after the other", { skip }, async (t) => {
  const { address } = await startWithApi(t);
  const port = String(await freePort());
  const actual = (text: string): string =>
    text.replaceAll('localhost:8888', addressText(address)).replaceAll('localhost:3001', `localhost:${port}`);
  const examples = codeBlocks(section(PAGE, "## gobetween's routes"), 'console').flatMap(examplesOf);
  assert.ok(examples.length > 8);
  for (const { command, output } of examples) {
    const { stdout } = await run('sh', ['-c', actual(command).replace(/^curl /, 'curl --silent --show-error ')]);
    assert.match(stdout, patternOf(actual(output)), command);
  }
});

function patternOf(output: string): RegExp {
  const parts = output.split('...').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.+')}$`);
}
