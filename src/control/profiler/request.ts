import type { ThreadStatus } from '../../core/process-status.ts';
import { WebRefusal } from '../../web/refusal.ts';

/** Of a query: a list where it is given more than once. */
export type Parameter = string | readonly string[] | undefined;

const USUAL_SECONDS = 10;
export const MOST_SECONDS = 60;

/** How many seconds a profile watches. @throws WebRefusal 400 */
export function secondsOf(text: Parameter): number {
  if (text === undefined) return USUAL_SECONDS;
  if (typeof text !== 'string') throw refused(400, 'seconds must be given once');
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_SECONDS) return Number(text);
  throw refused(400, `seconds must be a whole number from 1 to ${MOST_SECONDS}, not ${JSON.stringify(text)}`);
}

/** Which thread is meant: `main`, or a data-plane thread by its number. @throws WebRefusal 404 */
export function threadOf(text: Parameter, threads: readonly ThreadStatus[]): 'main' | number {
  if (text === undefined || text === 'main') return 'main';
  const thread = threads.find(({ number }) => String(number) === text);
  if (thread !== undefined) return thread.number;
  const names = ['main', ...threads.map(({ number }) => number)].join(', ');
  throw refused(404, `there is no thread ${JSON.stringify(text)}; the threads are ${names}`);
}

export function noSuchThread(thread: number): WebRefusal {
  return refused(404, `the thread ${thread} has ended; GET / lists the threads`);
}

/** What the service has, for people. */
export function indexText(threads: readonly ThreadStatus[]): string {
  const lines = [
    "Profiles of tslb, for Chrome's DevTools and speedscope:",
    '',
    'GET /cpu?seconds=10&thread=main       what the thread computes meanwhile      (.cpuprofile)',
    'GET /heap?seconds=10&thread=main      what the thread allocates meanwhile     (.heapprofile)',
    'GET /snapshot?thread=main             all that is in the memory of the thread (.heapsnapshot);',
    '                                      the thread stands still until it is written, and a heap of more',
    '                                      than 100 MB is written with anyway=1 only',
    '',
    `seconds: 1 to ${MOST_SECONDS}, or else ${USUAL_SECONDS}. One profile is taken at a time. Threads:`,
    '',
    'main       configuration, discovery, health checks, API and this service',
    ...threads.map(({ number, engine }) => `${String(number).padEnd(10)} carries connections, engine ${engine}`),
  ];
  return `${lines.join('\n')}\n`;
}

function refused(status: number, message: string): WebRefusal {
  return new WebRefusal(status, 'TSLB_REQUEST_PROFILE', message);
}
