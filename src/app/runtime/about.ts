import type { Clock } from '../../core/clock.ts';
import type { About } from '../../core/process-status.ts';
import { openFilesLimit } from '../../io/open-files.ts';
import { autoEngine } from './engine.ts';

/** What the command line knows of the process. */
export interface Identity {
  readonly version: string;
  /** Absent where the configuration did not come from a file. */
  readonly configFile?: string;
}

export function aboutProcess({ version, configFile }: Identity, clock: Clock): About {
  const { kind, missed } = autoEngine();
  const limit = openFilesLimit();
  return {
    version,
    pid: process.pid,
    startedAt: clock.date(),
    ...(configFile !== undefined && { configFile }),
    engine: kind,
    ...(missed !== undefined && { engineReason: missed.reason }),
    ...(limit !== undefined && { openFilesLimit: limit }),
  };
}
