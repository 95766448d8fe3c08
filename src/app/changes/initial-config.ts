import type { Diagnostic } from '../../config/problem/diagnostic.ts';
import type { JsonTable } from '../../core/json.ts';
import type { Config } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';
import { compose } from './compose.ts';
import { NO_OVERLAY, type Overlay, pruned } from './overlay.ts';
import { readStateFile } from './state-file.ts';

/** Reads the configuration from where it comes from. */
export type ReadConfig = () => Promise<LoadedConfig>;

/** A configuration, and what it is made of. */
export interface ConfigLayers {
  /** As the file was when it was last read. */
  readonly file: JsonTable;
  /** What was changed while tslb runs. */
  readonly overlay: Overlay;
  readonly config: Config;
  /** The state file's overlay as it was read at the start, not pruned of what the file itself says by now. */
  readonly kept?: Overlay;
}

export interface LoadedInitialConfig {
  /** Present if and only if no diagnostic is an error. */
  readonly initial?: ConfigLayers;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The configuration to start with: the file's, and over it what its state file says.
 * @throws TslbError TSLB_STATE_FILE
 */
export async function loadInitialConfig(read: ReadConfig): Promise<LoadedInitialConfig> {
  const loaded = await read();
  const { config } = loaded;
  if (config === undefined) return loaded;
  const { stateFile } = config;
  const asInFile = { file: config.tables, overlay: NO_OVERLAY, config };
  if (stateFile === undefined) return { initial: asInFile, diagnostics: loaded.diagnostics };

  const state = await readStateFile(stateFile);
  const diagnostics = [...loaded.diagnostics, ...state.diagnostics];
  if (state.overlay === undefined) return { diagnostics };
  const overlay = pruned(state.overlay, config.tables);
  const together = compose(config.tables, overlay, { source: state.source });
  const found = [...diagnostics, ...together.diagnostics];
  if (together.config === undefined) return { diagnostics: found };
  const { overlay: kept } = state;
  return { initial: { file: config.tables, overlay, config: together.config, kept }, diagnostics: found };
}
