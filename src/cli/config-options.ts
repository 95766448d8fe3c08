import type { ConfigFormat, LoadOptions } from '../app/config/load.ts';

/** gobetween's options for the configuration and its format, the same for each command. */
export interface ConfigOptions {
  readonly config: string;
  readonly format?: ConfigFormat | undefined;
  readonly useConfigEnvVars?: boolean | undefined;
}

export function loadOptions({ format, useConfigEnvVars }: ConfigOptions): LoadOptions {
  return { format, env: useConfigEnvVars === true ? process.env : undefined };
}
