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
  /** Where servers come from that are not as the file says; absent: they were sent. */
  readonly source?: Source;
  /** A server's table that was sent, and is read strictly. */
  readonly sent?: { readonly name: string; readonly table: unknown } | undefined;
}

export interface Composed {
  /** Present if and only if no diagnostic is an error. */
  readonly config?: Config;
  readonly diagnostics: readonly Diagnostic[];
}

/** Composes the configuration of a file's tables and an overlay over them. */
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
 * The problems of a composed configuration with their places, without warnings of the file alone.
 * @param source where servers come from that are not as the file says
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
