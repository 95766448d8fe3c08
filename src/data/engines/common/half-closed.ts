import type { SideLimits } from '../../../core/engine.ts';

/** For how long a side whose other side is gone may take nothing of what is left for it, where no limit of its own says so. */
const LEFT_OVER_MS = 5 * 60_000;

/**
 * How long a side may be silent once the pair is half-closed.
 * @param isBroken one side is gone, or the end is decided
 * @returns 0 where the limit of a side that is not half-closed is as short, or there is none
 */
export function halfClosedMs({ idleMs, finMs }: SideLimits, isBroken: boolean): number {
  const ms = finMs > 0 || !isBroken ? finMs : LEFT_OVER_MS;
  return idleMs === 0 || ms < idleMs ? ms : 0;
}
