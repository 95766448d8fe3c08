import * as z from 'zod';

import { quoted } from '../../config/problem/problem.ts';
import { command } from '../../config/schema/command.ts';
import { isTable, type LintRule } from '../../config/schema/examine.ts';
import type { NamedAddress } from '../../core/address.ts';
import { addressText } from '../../core/address.ts';
import { Inconclusive } from '../../core/healthcheck.ts';
import { type ProgramEnd, runProgram } from '../../io/run-program.ts';
import { defineHealthcheck } from './kind.ts';
import { checkedTarget } from './target.ts';

/** More than a program that answers a question has to say. */
const MOST_OUTPUT_BYTES = 64 * 1024;
const LONGEST_SHOWN = 40;

const text = z.string().min(1);

/** Asks a program. */
export const exec = defineHealthcheck({
  kind: 'exec',
  summary:
    'Runs a program with the host and the port of the backend as its last two arguments, the host as the list has it' +
    ' (`unix:/path` and an empty text for a unix socket), and compares what the program prints. The check also fails when the program exits' +
    ' with a code other than 0, cannot be started or takes too long; then it is killed with all processes that it' +
    ' has started. Any other output changes nothing: with `echo 1` instead of `echo -n 1` a backend stays as it is,' +
    ' unless `"1\\n"` is expected.',
  samples: [
    `
[servers.web.healthcheck]
kind = "exec"
interval = "10s"
timeout = "5s"
exec_command = ["/usr/local/bin/check-backend.sh", "--quick"]
exec_expected_positive_output = "1"
exec_expected_negative_output = "0"
`,
  ],
  keys: {
    exec_command: command({ examples: ['/usr/local/bin/check.sh'], gobetween: 'A program only.' }),
    exec_expected_positive_output: text.meta({
      title: 'text',
      description:
        'What the program prints when the backend is healthy, byte for byte, with the end of the line if there is' +
        ' one.',
      examples: ['1'],
    }),
    exec_expected_negative_output: text.optional().meta({
      title: 'text',
      description: 'What the program prints when the backend is unhealthy.',
    }),
  },
  lint: lintExec,
  startsProgram: true,
  configure: (values) => ({
    command: values.exec_command,
    positive: values.exec_expected_positive_output,
    ...(values.exec_expected_negative_output !== undefined && { negative: values.exec_expected_negative_output }),
  }),
  create: (config) => ({
    async check(target, signal) {
      const [program = '', ...first] = config.command;
      const args = [...first, ...hostAndPort(checkedTarget(target, config).target)];
      judge(await runProgram({ program, args, most: MOST_OUTPUT_BYTES }, signal), config);
    },
  }),
});

function lintExec(...[values, report]: Parameters<LintRule>): void {
  if (!isTable(values)) return;
  const { exec_expected_positive_output: positive } = values;
  if (typeof positive === 'string' && positive === values['exec_expected_negative_output']) {
    const message = 'exec_expected_positive_output and exec_expected_negative_output are the same';
    report({ code: 'TSLB_CONFIG_VALUE', message, path: ['exec_expected_negative_output'] });
  }
}

function hostAndPort(target: NamedAddress): readonly [host: string, port: string] {
  return 'path' in target ? [addressText(target), ''] : [target.host, String(target.port)];
}

interface Expected {
  readonly positive: string;
  readonly negative?: string;
}

/** @throws what speaks against the backend, or Inconclusive */
function judge({ code, signal, output, isTooMuch }: ProgramEnd, { positive, negative }: Expected): void {
  if (isTooMuch) throw new Inconclusive(`the program printed more than ${MOST_OUTPUT_BYTES} bytes`);
  if (code === undefined) throw new Error(`the program was ended by ${signal ?? 'a signal'}`);
  if (code !== 0) throw new Error(`the program exited with code ${code}`);
  if (output.equals(Buffer.from(positive))) return;
  const shown = quoted(output.toString('utf8', 0, LONGEST_SHOWN));
  if (negative !== undefined && output.equals(Buffer.from(negative))) throw new Error(`the program printed ${shown}`);
  throw new Inconclusive(`the program printed ${shown}, which is not an expected output`);
}
