import { command } from '../../config/schema/command.ts';
import { type ProgramEnd, runProgram } from '../../io/run-program.ts';
import { MOST_ANSWER_BYTES, readBackendLines } from './backend-lines.ts';
import { defineDiscovery } from './kind.ts';

/** Of what a program says on standard error, to find its first line in. */
const MOST_ERROR_BYTES = 1024;

/** A program prints the backends. */
export const exec = defineDiscovery({
  kind: 'exec',
  summary:
    'Runs a program that prints a backend on each line, as in `static_list` (see Backends). A line that cannot be read is' +
    ' skipped with a warning. The fetch has failed when the program exits with another code than' +
    ' 0, cannot be started, takes longer than `timeout` (3 s unless it is given), prints more than 4 MiB, or names no' +
    ' backend at all. It is killed at the timeout, at a reload that changes the source and at the stop, with all that' +
    ' it has started. At most 8 programs run at once.',
  samples: [
    `
[servers.web.discovery]
kind = "exec"
interval = "10s"
timeout = "5s"
exec_command = ["/usr/local/bin/list-backends.sh", "web"]
`,
  ],
  keys: {
    exec_command: command({
      examples: [['/usr/local/bin/list-backends.sh', 'web']],
      gobetween: 'A list only.',
    }),
  },
  defaultTimeoutMs: 3_000,
  startsProgram: true,
  configure: ({ exec_command }) => ({ command: exec_command }),
  create: ({ command: [program = '', ...args] }, { skipped }) => ({
    async discover(signal) {
      const run = { program, args, most: MOST_ANSWER_BYTES, mostErrors: MOST_ERROR_BYTES };
      const answer = readBackendLines(outputOf(await runProgram(run, signal)));
      skipped(answer.skipped);
      return answer.backends;
    },
  }),
});

/** @throws why it is no answer */
function outputOf({ code, signal, output, errors, isTooMuch }: ProgramEnd): string {
  if (isTooMuch) throw new Error(`the program printed more than ${MOST_ANSWER_BYTES} bytes`);
  if (code === 0) return output.toString();
  const [said = ''] = errors.toString().trim().split('\n');
  const end = code === undefined ? `was ended by ${signal ?? 'a signal'}` : `exited with code ${code}`;
  throw new Error(`the program ${end}${said === '' ? '' : `: ${said}`}`);
}
