import type { Cause } from '../../core/cause.ts';
import type { DialFailure, PairEnd } from '../../core/engine.ts';

/** When the last dial has failed. */
export const CAUSE_OF_DIAL_FAILURE = {
  refused: 'SC',
  unreachable: 'SC',
  timeout: 'sC',
  exhausted: 'RC',
} as const satisfies Record<DialFailure, Cause>;

/** When a connection has ended that was connected to a backend. */
export function causeOfEnd(end: PairEnd, backendHadFinished: boolean): Cause {
  switch (end) {
    case 'finished':
      return '--';
    case 'client-reset':
      return backendHadFinished ? 'CL' : 'CD';
    case 'backend-reset':
      return backendHadFinished ? 'SL' : 'SD';
    case 'client-idle':
      return backendHadFinished ? 'cL' : 'cD';
    case 'backend-idle':
      return backendHadFinished ? 'sL' : 'sD';
    case 'client-fin':
      return 'cF';
    case 'backend-fin':
      return 'sF';
    case 'client-dead':
      return 'cU';
    case 'backend-dead':
      return 'sU';
    case 'cut':
      return 'KD';
    default:
      return end satisfies never;
  }
}

/** What was decided while data flowed, once the backend had sent its last byte. */
export function causeAfterBackendFinished(cause: Cause): Cause {
  if (cause === 'KD') return 'KL';
  return cause === 'DD' ? 'DL' : cause;
}
