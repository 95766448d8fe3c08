import type { BackendStatus } from './control.ts';

/**
 * How a backend fares, in one word that every surface shows. `up`, `unchecked` (nobody has checked it) and `starting`
 * (slow start) get clients; the others say what keeps it from them (`Obstacle`).
 */
export const BACKEND_WORDS = [
  'up',
  'unchecked',
  'starting',
  'unlisted',
  'unresolved',
  'draining',
  'disabled',
  'down',
  'ejected',
] as const;
export type BackendWord = (typeof BACKEND_WORDS)[number];

export function backendWord({
  obstacle,
  share,
  health,
}: Pick<BackendStatus, 'obstacle' | 'share' | 'health'>): BackendWord {
  if (obstacle !== undefined) return obstacle;
  if (share < 1) return 'starting';
  return health === undefined || health.state === 'unchecked' ? 'unchecked' : 'up';
}
