import { type Diagnostic, isError } from '../../config/problem/diagnostic.ts';
import type { Problem } from '../../config/problem/problem.ts';
import { diagnose, NO_SOURCE, type Source } from '../../config/text/source.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Config } from '../config/config.ts';
import { readTables } from '../config/load.ts';
import { strict } from '../config/strict.ts';
import { merged, type Overlay } from './overlay.ts';
import { statePath } from './state-form.ts';

export interface ComposeOptions {
  /** Of the servers that are not as the file says; absent: they were sent. */
  readonly source?: Source;
  /** What was sent of a server's table, and is read strictly. */
  readonly sent?: { readonly name: string; readonly table: unknown } | undefined;
}

export interface Composed {
  /** Present if and only if no diagnostic is an error. */
  readonly config?: Config;
  readonly diagnostics: readonly Diagnostic[];
}

/** The configuration that a file's tables make with what lies over them. */
export function compose(
  file: JsonTable,
  overlay: Overlay,
  { source = NO_SOURCE, sent }: ComposeOptions = {},
): Composed {
  const { config, problems } = readTables(merged(file, overlay));
  const found = sent === undefined ? problems : strict(problems, sent.table, ['servers', sent.name]);
  const diagnostics = located(found, overlay, source);
  return { ...(config !== undefined && !found.some(isError) && { config }), diagnostics };
}

/**
 * What is wrong with a configuration that was put together, without what is to be said of the file alone.
 * @param source of the servers that are not as the file says
 */
function located(problems: readonly Problem[], overlay: Overlay, source: Source): readonly Diagnostic[] {
  const [own, others]: [Problem[], Problem[]] = [[], []];
  for (const problem of problems) (isOf(overlay, problem) ? own : others).push(problem);
  return [
    ...diagnose(NO_SOURCE, others).filter(isError),
    ...diagnose(
      source,
      own.map((problem) => (source.content.text === '' ? problem : { ...problem, path: statePath(problem.path) })),
    ),
  ];
}

function isOf(overlay: Overlay, { path: [section, name] }: Problem): boolean {
  return section === 'servers' && overlay.get(String(name))?.table !== undefined;
}
