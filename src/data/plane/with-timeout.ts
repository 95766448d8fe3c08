import type { Clock, Timer } from '../../core/clock.ts';
import { TslbError } from '../../core/errors.ts';

/** Far more than a busy thread takes: a thread that takes longer hangs. */
const ANSWER_MS = 10_000;

/**
 * What a thread is asked for, or that it does not answer.
 * @param over called when the wait is over, in either way
 * @throws TslbError TSLB_THREAD_SILENT
 */
export async function withTimeout<Answer>(answer: Promise<Answer>, clock: Clock, over: () => void): Promise<Answer> {
  let timer: Timer | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = clock.after(ANSWER_MS, () => {
      reject(
        new TslbError(
          'TSLB_THREAD_SILENT',
          'a data-plane thread does not answer; the change takes effect there when it does',
        ),
      );
    });
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    timer?.cancel();
    over();
  }
}
