import { TslbError } from '../../core/errors.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { canAsk, confirm } from '../terminal-questions.ts';
import type { Style } from '../text/style.ts';
import type { TableCell, TableColumn } from '../text/table.ts';

/** What a command of `tslb ctl` works with. */
export interface Session {
  readonly client: ApiClient;
  readonly options: CtlOptions;
  readonly style: Style;
  /**
   * From now on a signal to stop, or the end of stdout's reader, aborts the command instead of the process.
   * @returns the signal of that abort
   */
  stopped(): AbortSignal;
  /** To stdout, as it is: control characters of foreign texts must be escaped before (check-report.ts). */
  print(text: string): void;
  /** One line to stdout, made visible. */
  line(text: string): void;
  /** Of a message for people, to stderr. */
  say(text: string): void;
  /** Rows below their titles, or a sentence where there are none. */
  table(columns: readonly TableColumn[], rows: readonly (readonly TableCell[])[], none: string): void;
  /** The API's own answer, for scripts. */
  json(answer: unknown): void;
  /** Prints the result: the answer with --json, else the text for people. */
  show(answer: unknown, forPeople: () => void): void;
}

/** The options of the command and of the commands above it. */
export interface CtlOptions {
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly server?: string;
  readonly backend?: string;
  readonly client?: string;
  readonly all?: boolean;
  readonly sort?: string;
  readonly limit?: number;
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly drain?: number;
  readonly weight?: number;
  readonly priority?: number;
  readonly maxConnections?: number;
  readonly state?: string;
  readonly sni?: readonly string[];
  readonly alpn?: readonly string[];
  readonly sendProxy?: string;
  readonly replace?: boolean;
  readonly format?: string;
  readonly secrets?: boolean;
}

/**
 * Resolves when the action is allowed: with --yes, or when the operator agrees.
 * @param action what it does, as a sentence
 * @throws TslbError TSLB_USAGE without a terminal to ask at, TSLB_CALLED_OFF for a no
 */
export async function agreed({ options }: Session, action: string): Promise<void> {
  if (options.yes === true) return;
  if (!canAsk()) throw new TslbError('TSLB_USAGE', `${action}. Use --yes to confirm`);
  if (!(await confirm(`${action}. Continue?`)))
    throw new TslbError('TSLB_CALLED_OFF', 'cancelled; nothing was changed');
}
