import type { Cause } from '../../../src/core/cause.ts';
import type { PairEnd } from '../../../src/core/engine.ts';

/** Why a connection ended that was connected: before its backend had finished, and after it. */
const CAUSES: Readonly<Record<PairEnd, readonly [Cause, Cause]>> = {
  finished: ['--', '--'],
  'client-reset': ['CD', 'CL'],
  'backend-reset': ['SD', 'SL'],
  'client-idle': ['cD', 'cL'],
  'backend-idle': ['sD', 'sL'],
  'client-fin': ['cF', 'cF'],
  'backend-fin': ['sF', 'sF'],
  'client-dead': ['cU', 'cU'],
  'backend-dead': ['sU', 'sU'],
  cut: ['KD', 'KL'],
};

/** What an oracle expects, told apart from the code that it watches. */
export function expectedCause(end: PairEnd, hadFinished: boolean): Cause {
  return CAUSES[end][hadFinished ? 1 : 0];
}
