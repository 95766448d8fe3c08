import type { Reading } from '../../../core/reading.ts';
import type { StatsSnapshot } from '../../../core/stats.ts';
import type { Actor } from '../../../core/steering.ts';
import type { InfoJson } from '../../../wire/v1/process.ts';
import { momentText } from './moment.ts';
import { processJson, threadJson } from './snapshot.ts';

/** Who asks. */
export interface Asker {
  readonly actor: Actor;
  readonly isAdmin: boolean;
}

export function infoJson(reading: Reading, { process, threads }: StatsSnapshot, { actor, isAdmin }: Asker): InfoJson {
  const { version, pid, startedAt, configFile, engine, engineReason, openFilesLimit } = reading.about;
  return {
    version,
    pid,
    started_at: momentText(startedAt),
    ...processJson(process),
    engine,
    ...(engineReason !== undefined && { engine_reason: engineReason }),
    threads: threads.map(threadJson),
    ...(configFile !== undefined && { config_file: configFile }),
    log_level: reading.logLevel,
    ...(openFilesLimit !== undefined && { open_files_limit: openFilesLimit }),
    admin: isAdmin,
    ...(actor.login !== undefined && { login: actor.login }),
  };
}
