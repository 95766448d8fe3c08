import { addressText } from '../../core/address.ts';
import type { Engine, FailedDial } from '../../core/engine.ts';
import { NO_SUCH_SOURCE, shortageOfConnect } from '../../core/shortage.ts';
import type { ShortageReport } from './messages.ts';

/** A shortage that lasts is reported so often. */
const REPORT_EVERY_MS = 1_000;

type Lasting = Omit<ShortageReport, 'type' | 'count'> & { count: number };

/**
 * What a thread's dials find this host to lack: each shortage at once, and while it lasts once a second with the number
 * of times that it was met. Nothing runs while nothing is lacking.
 */
export class ShortageReports {
  readonly #report: (report: ShortageReport) => void;
  readonly #engine: Pick<Engine, 'every'>;
  readonly #lasting = new Map<string, Lasting>();
  #timer: { cancel(): void } | undefined;

  constructor(report: (report: ShortageReport) => void, engine: Pick<Engine, 'every'>) {
    this.#report = report;
    this.#engine = engine;
  }

  met({ code, to, from }: FailedDial): void {
    const shortage = shortageOfConnect(code, to);
    if (shortage === undefined) return;
    const about = code === NO_SUCH_SOURCE && from !== undefined ? from.ip : addressText(to);
    const key = `${shortage} ${about}`;
    const lasting = this.#lasting.get(key);
    if (lasting !== undefined) {
      lasting.count += 1;
      return;
    }
    this.#lasting.set(key, { shortage, code, about, count: 0 });
    this.#report({ type: 'shortage', shortage, code, about, count: 1 });
    this.#timer ??= this.#engine.every(REPORT_EVERY_MS, () => this.#reportAll());
  }

  /** One that was not met since the last time is over, as far as this thread goes. */
  #reportAll(): void {
    for (const [key, lasting] of this.#lasting) {
      if (lasting.count === 0) this.#lasting.delete(key);
      else this.#report({ type: 'shortage', ...lasting });
      lasting.count = 0;
    }
    if (this.#lasting.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
