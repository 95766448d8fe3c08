import { errorCode } from '../../core/errors.ts';

/** What has come of questions since the start. */
export class NameCounters {
  found = 0;
  /** The name is not there, or has no address. */
  absent = 0;
  /** Nobody could tell. */
  failed = 0;
  /** For all of them together. */
  tookMs = 0;
  /** Name servers that answer nothing now. */
  readonly silentServers = new Set<string>();

  record(error: Error | undefined, tookMs: number): void {
    this.tookMs += tookMs;
    if (error === undefined) this.found += 1;
    else if (errorCode(error) === 'ENOTFOUND') this.absent += 1;
    else this.failed += 1;
  }
}
