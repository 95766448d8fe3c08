import type { About } from '../../core/process-status.ts';
import type { GoStruct } from '../../web/go-json.ts';
import { goDuration, goTime } from './go-time.ts';

/** `GET /`. Keys are sorted, as those of a map in Go. @param now milliseconds since the epoch */
export function processInformation({ configFile, pid, startedAt, version }: About, now: number): GoStruct {
  return {
    configuration: { kind: 'file', path: configFile ?? '' },
    pid,
    startTime: goTime(startedAt),
    time: goTime(now),
    uptime: goDuration(Math.max(0, Math.round(now - startedAt))),
    version,
  };
}
