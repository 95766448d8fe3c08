import { type LineSink, openLineSink } from '../../log/line-sink.ts';
import type { LogOutput } from '../../log/output.ts';

/** Some seconds of a busy balancer. Beyond that, a reader that does not keep up loses lines, and memory stays bounded. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** Where the access log goes: nowhere, or to one sink that a reload may change. */
export class AccessSink {
  #output: LogOutput | undefined;
  #sink: LineSink | undefined;
  #reportedDrops = 0;

  /** @throws TslbError TSLB_LOG_OUTPUT; then the old sink stays in use */
  configure(output: LogOutput | undefined): void {
    if (output === this.#output) return;
    const old = this.#sink;
    this.#sink = output === undefined ? undefined : openLineSink(output, { maxBytes: MAX_WAITING_BYTES });
    this.#output = output;
    this.#reportedDrops = 0;
    void old?.close();
  }

  /** @returns how many batches were dropped since the last report of it, once this one is taken; else 0 */
  write(lines: string): number {
    const { dropped } = this.#sink ?? { dropped: 0 };
    const isTaken = this.#sink?.write(lines) ?? true;
    if (!isTaken || dropped === this.#reportedDrops) return 0;
    const since = dropped - this.#reportedDrops;
    this.#reportedDrops = dropped;
    return since;
  }

  reopen(): void {
    this.#sink?.reopen();
  }

  async close(): Promise<void> {
    await this.#sink?.close();
  }
}
