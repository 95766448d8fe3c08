import { get } from 'node:http';

import { systemClock } from '../../src/core/clock.ts';
import { asError } from '../../src/core/errors.ts';
import type { Child } from './child.ts';
import { HOST } from './ports.ts';

const LOOK_EVERY_MS = 1;

/** Asks for the page, on a new connection each time, until there is an answer. @throws Error when the process ends */
export async function untilAnswers(port: number, child: Child): Promise<void> {
  while (!(await answers(port))) {
    if (child.hasEnded) throw child.failure();
    await pause(LOOK_EVERY_MS);
  }
}

/** @throws Error of the signal, as soon as that comes */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      timer.cancel();
      reject(asError(signal?.reason));
    };
    const timer = systemClock.after(ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: HOST, port, path: '/page', agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    }).on('error', () => resolve(false));
  });
}
