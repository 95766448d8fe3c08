import { visible } from '../../config/problem/diagnostic-line.ts';
import { TslbError } from '../../core/errors.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { holdProcess } from '../hold-process.ts';
import { ApiRefusal } from '../remote/api-errors.ts';
import { openRemote, type RemoteOptions } from '../remote/open.ts';
import { hasColour, styleFor } from '../text/style.ts';
import { tableText } from '../text/table.ts';
import type { CtlOptions, Session } from './session.ts';

/** The code of one command: it asks the API and prints the result. */
export type Act = (session: Session, args: readonly string[]) => Promise<void>;

/** Runs one command of `tslb ctl` against the API that the options name. */
export async function runCtl(
  act: Act,
  args: readonly string[],
  options: CtlOptions & RemoteOptions,
): Promise<ExitCode> {
  const client = await openRemote(options, process.env);
  const release = holdProcess();
  const style = styleFor(hasColour(process.stdout));
  const session: Session = {
    client,
    options,
    style,
    stopped,
    print: (text) => process.stdout.write(text),
    line: (text) => process.stdout.write(`${visible(text)}\n`),
    say: (text) => process.stderr.write(text),
    table: (columns, rows, none) =>
      process.stdout.write(rows.length === 0 ? `${none}\n` : tableText(columns, rows, style)),
    json,
    show: (answer, forPeople) => (options.json === true ? json(answer) : forPeople()),
  };
  try {
    await act(session, args);
    return EXIT.ok;
  } catch (thrown) {
    if (!(thrown instanceof TslbError)) throw thrown;
    if (thrown.code === 'TSLB_USAGE') throw thrown;
    if (thrown instanceof ApiRefusal) {
      if (options.json === true) json(thrown.answer);
      session.say(refusalText(thrown));
    } else {
      session.say(`tslb: ${visible(thrown.message)}\n`);
    }
    return EXIT.failed;
  } finally {
    release();
    await client.close();
  }
}

function stopped(): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.stdout.once('error', stop);
  return stopping.signal;
}

function json(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
}

/** The API's message, then each problem of a table on lines of its own. */
function refusalText({ message, code, problems }: ApiRefusal): string {
  const lines = problems.flatMap((problem) => [
    `  ${problem.path === undefined || problem.path === '' ? '' : `${problem.path}: `}${problem.message}`,
    ...(problem.expected === undefined ? [] : [`    expected: ${problem.expected}`]),
    ...(problem.suggestion === undefined ? [] : [`    suggestion: ${problem.suggestion}`]),
  ]);
  return [`tslb: ${message} [${code}]`, ...lines].map((line) => `${visible(line)}\n`).join('');
}
