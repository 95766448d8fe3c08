import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';

/**
 * Waits for work, but no longer than `ms` or until the signal.
 * @returns whether the work was done; it goes on otherwise
 */
export async function within(ms: number, clock: Clock, work: Promise<unknown>, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const settle = (tell: () => void): void => {
      timer.cancel();
      signal?.removeEventListener('abort', giveUp);
      tell();
    };
    const giveUp = (): void => settle(() => resolve(false));
    const timer = clock.after(ms, giveUp);
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted === true) giveUp();
    work.then(
      () => settle(() => resolve(true)),
      (thrown: unknown) => settle(() => reject(asError(thrown))),
    );
  });
}
