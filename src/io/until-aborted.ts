/**
 * Starts the work. It may settle at any time after it has returned, not before.
 * @returns what undoes it: listeners, and with `hasFailed` whatever it has opened
 */
type Begin<Value> = (resolve: (value: Value) => void, reject: (error: Error) => void) => (hasFailed: boolean) => void;

/**
 * A promise for work made of events, which an abort ends. Whatever comes first settles it; the work is undone before.
 * @param unfinished the message of the error at an abort: what had not happened by then
 */
export function untilAborted<Value>(signal: AbortSignal, unfinished: string, begin: Begin<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Error(unfinished));
    let isSettled = false;
    const settle = (hasFailed: boolean, finish: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      signal.removeEventListener('abort', onAbort);
      undo(hasFailed);
      finish();
    };
    const onAbort = (): void => settle(true, () => reject(new Error(unfinished)));
    const undo = begin(
      (value) => settle(false, () => resolve(value)),
      (error) => settle(true, () => reject(error)),
    );
    signal.addEventListener('abort', onAbort);
  });
}
