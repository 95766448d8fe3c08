import { TslbError } from '../../core/errors.ts';
import { type Diagnostic, isError } from './diagnostic.ts';

/** A configuration, or a part of one, that is not put into force for what is wrong with it. */
export class ConfigRefused extends TslbError {
  override readonly name = 'ConfigRefused';
  /** All that was found, warnings too; at least one is an error. Their `file` is empty where it came from no file. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super('TSLB_CONFIG_REFUSED', summaryOf(diagnostics.filter(isError)));
    this.diagnostics = diagnostics;
  }
}

/** The first error on one line, and how many more there are. */
function summaryOf([first, ...others]: readonly Diagnostic[]): string {
  if (first === undefined) return 'the configuration is refused';
  const { file, line, column, path, message } = first;
  const place = [file, line, column].filter((part) => part !== undefined && part !== '').join(':');
  const text = [place, path, message].filter((part) => part !== '').join(': ');
  return others.length === 0 ? text : `${text} (and ${others.length} more error${others.length === 1 ? '' : 's'})`;
}
