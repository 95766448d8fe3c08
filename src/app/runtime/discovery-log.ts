import { errorCode } from '../../core/errors.ts';
import type { Logger } from '../../log/log.ts';

/** Of what was skipped, as much as a line of the log shows. */
const MOST_SHOWN = 5;

/** Says how the source of a server's backends does: once for each change, not for each fetch. */
export class DiscoveryLog {
  readonly #log: Logger;
  readonly #fields: { readonly server: string; readonly kind: string };
  /** Of the last fetch, where it failed. */
  #failure: string | undefined;
  #skipped = '';
  #count: number | undefined;

  constructor(log: Logger, server: string, kind: string) {
    this.#log = log;
    this.#fields = { server, kind };
  }

  /** The fetch has failed. */
  failed(err: Error): void {
    const failure = errorCode(err);
    const isNew = this.#failure !== failure;
    this.#failure = failure;
    this.#log[isNew ? 'warn' : 'debug']({ ...this.#fields, err }, 'discovery failed');
  }

  /** The fetch has given so many backends. */
  found(backends: number): void {
    const [was, hasFailed] = [this.#count, this.#failure !== undefined];
    this.#count = backends;
    this.#failure = undefined;
    if (hasFailed) this.#log.info({ ...this.#fields, backends }, 'discovery works again');
    else if (was !== backends) this.#log.info({ ...this.#fields, backends, was }, 'backends discovered');
  }

  /** Parts of an answer were not understood. */
  skipped(parts: readonly string[]): void {
    const text = parts.join('\n');
    if (text === this.#skipped) return;
    this.#skipped = text;
    const shown = { ...this.#fields, skipped: parts.length, first: parts.slice(0, MOST_SHOWN) };
    if (parts.length > 0) this.#log.warn(shown, 'discovered backends skipped');
  }
}
