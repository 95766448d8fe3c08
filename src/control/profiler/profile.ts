import type { Clock } from '../../core/clock.ts';
import { WebRefusal } from '../../web/refusal.ts';
import type { InspectedThread } from './inspected-thread.ts';

/** By their paths, with the ending that Chrome's DevTools and speedscope know them by. */
export const PROFILE_KINDS = { cpu: 'cpuprofile', heap: 'heapprofile', snapshot: 'heapsnapshot' } as const;
export type ProfileKind = keyof typeof PROFILE_KINDS;

/** A thread answers at once, unless a single call of the system or of JavaScript keeps it. */
const ANSWER_MS = 5_000;
/** On an idle core 300 MB of small objects take half a minute. */
const SNAPSHOT_MS = 300_000;
/** A larger heap is not written unasked: 300 MB of small objects take 5 GB of memory meanwhile. */
const UNASKED_MB = 100;
/** Between two looks at what runs, in microseconds: V8's own choice. */
const CPU_INTERVAL_US = 1_000;
/** Also what is garbage by the end: that is what most allocations of a proxy are. */
const ALLOCATIONS = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };

export interface Taking {
  readonly clock: Clock;
  /** How long a profile of the CPU or of allocations watches; a snapshot is of the moment. */
  readonly watchMs: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
  /** Whether a snapshot is taken of a heap that is large. */
  readonly anyway?: boolean;
}

/**
 * Takes a profile of a thread, in the form that the browser's tools read, in parts.
 * @throws WebRefusal 504 when the thread does not answer, 409 for a snapshot of a heap that is large; Error with what the protocol says, or that the thread has ended
 */
export async function takeProfile(
  thread: InspectedThread,
  kind: ProfileKind,
  { clock, watchMs, signal, anyway = false }: Taking,
): Promise<readonly string[]> {
  const ask = (method: string, params?: object, ms = ANSWER_MS): Promise<unknown> =>
    answered(thread.ask(method, params), ms, clock);
  switch (kind) {
    case 'cpu': {
      await ask('Profiler.enable');
      await ask('Profiler.setSamplingInterval', { interval: CPU_INTERVAL_US });
      await ask('Profiler.start');
      await pause(watchMs, clock, signal);
      return [profileOf(await ask('Profiler.stop'))];
    }
    case 'heap':
      await ask('HeapProfiler.startSampling', ALLOCATIONS);
      await pause(watchMs, clock, signal);
      return [profileOf(await ask('HeapProfiler.stopSampling'))];
    case 'snapshot': {
      const parts: string[] = [];
      thread.onSnapshotPart((part) => void parts.push(part));
      const { usedSize } = (await ask('Runtime.getHeapUsage')) as { readonly usedSize: number };
      if (usedSize > UNASKED_MB * 1_000_000 && !anyway) throw large(usedSize);
      await ask('HeapProfiler.enable');
      await ask('HeapProfiler.takeHeapSnapshot', { reportProgress: false }, SNAPSHOT_MS);
      return parts;
    }
    default:
      return kind satisfies never;
  }
}

function profileOf(result: unknown): string {
  return JSON.stringify((result as { readonly profile: unknown }).profile);
}

function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, resolve);
    const end = (): void => {
      timer.cancel();
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}

function answered(answer: Promise<unknown>, ms: number, clock: Clock): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () => reject(silent(ms)));
    answer.finally(() => timer.cancel()).then(resolve, reject);
  });
}

function large(bytes: number): WebRefusal {
  const message =
    `the heap of the thread has ${Math.round(bytes / 1_000_000)} MB: for each 100 MB a snapshot stops it for about 10 s` +
    ' and takes up to 1.6 GB of memory; see GET /heap first, or add anyway=1';
  return new WebRefusal(409, 'TSLB_REQUEST_PROFILE', message);
}

function silent(ms: number): WebRefusal {
  const message = `the thread did not answer within ${ms / 1_000} s: one call keeps it; try again, or another thread`;
  return new WebRefusal(504, 'TSLB_THREAD_SILENT', message);
}
