import { type Diagnostic, isError } from '../config/diagnostic.ts';
import type { Problem } from '../config/problem.ts';
import { diagnose, NO_SOURCE, type Source } from '../config/source.ts';
import type { JsonTable } from '../core/control.ts';
import type { Config } from './config.ts';
import { type LoadedConfig, readTables } from './load.ts';
import { merged, NO_OVERLAY, type Overlay, settled } from './overlay.ts';
import { readStateFile } from './state-file.ts';
import { statePath } from './state-form.ts';

/** Reads the configuration from where it comes from. */
export type ReadConfig = () => Promise<LoadedConfig>;

/** What is in force, and what it is made of. */
export interface InForce {
  /** As the file was when it was last read. */
  readonly file: JsonTable;
  readonly overlay: Overlay;
  readonly config: Config;
}

export interface LoadedInForce {
  /** Present if and only if no diagnostic is an error. */
  readonly inForce?: InForce;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The configuration to start with: the file's, and over it what its state file says.
 * @throws TslbError TSLB_STATE_FILE
 */
export async function loadInForce(read: ReadConfig): Promise<LoadedInForce> {
  const loaded = await read();
  const { config } = loaded;
  if (config === undefined) return loaded;
  const { stateFile } = config;
  const asInFile = { file: config.tables, overlay: NO_OVERLAY, config };
  if (stateFile === undefined) return { inForce: asInFile, diagnostics: loaded.diagnostics };

  const state = await readStateFile(stateFile);
  const diagnostics = [...loaded.diagnostics, ...state.diagnostics];
  if (state.overlay === undefined) return { diagnostics };
  const overlay = settled(state.overlay, config.tables);
  const { config: together, problems } = readTables(merged(config.tables, overlay));
  const found = [...diagnostics, ...blamed(problems, overlay, state.source)];
  if (together === undefined) return { diagnostics: found };
  return { inForce: { file: config.tables, overlay, config: together }, diagnostics: found };
}

/**
 * What is wrong with a configuration that was put together, without what is to be said of the file alone.
 * @param source of the servers that are not as the file says
 */
export function blamed(problems: readonly Problem[], overlay: Overlay, source: Source): readonly Diagnostic[] {
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
