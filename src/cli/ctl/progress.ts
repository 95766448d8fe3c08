import { visible } from '../../config/problem/diagnostic-line.ts';
import { systemClock } from '../../core/clock.ts';
import { durationText } from '../../view/format.ts';

/** Shorter waits show no progress. */
const SHOWN_AFTER_MS = 2_000;
const REFRESH_MS = 1_000;
const CLEAR_LINE = '\r\x1b[K';

/** Shows the reason and the duration of a wait on a line that is removed at the end. */
export class Progress {
  readonly #startedAt = systemClock.now();
  readonly #timer: { cancel(): void } | undefined;
  #text: string;
  #isShown = false;

  constructor(text: string) {
    this.#text = text;
    if (process.stderr.isTTY) this.#timer = systemClock.every(REFRESH_MS, () => this.#show());
  }

  update(text: string): void {
    this.#text = text;
    if (this.#isShown) this.#show();
  }

  end(): void {
    this.#timer?.cancel();
    if (this.#isShown) process.stderr.write(CLEAR_LINE);
  }

  #show(): void {
    const elapsed = systemClock.now() - this.#startedAt;
    if (elapsed < SHOWN_AFTER_MS) return;
    this.#isShown = true;
    process.stderr.write(`${CLEAR_LINE}${visible(this.#text)} (${durationText(elapsed)})`);
  }
}

/** Shows the reason of the wait until the work is done. */
export async function withProgress<Result>(
  text: string,
  work: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  const progress = new Progress(text);
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}
