import type { ResolvedTarget } from './address.ts';

/**
 * One way to ask a backend whether it is well. Interval, timeout and thresholds are the monitor's
 * (control/healthcheck/monitor.ts).
 */
export interface Healthcheck {
  /**
   * Resolves when the backend has passed.
   * @param target with the addresses that clients are sent to at this moment
   * @param signal ends the check, which then rejects at once and leaves nothing open
   * @throws an error whose message says what is wrong, as the reason; Inconclusive when it has neither passed nor failed
   */
  check(target: ResolvedTarget, signal: AbortSignal): Promise<void>;
}

/** A check that tells nothing of the backend, and counts neither way. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
}

/** `falling` and `rising`: the last results speak against what is believed, but are not enough yet. */
export type HealthState = 'unchecked' | 'up' | 'falling' | 'down' | 'rising';

/** What is known of one backend. Immutable; replaced with each check. */
export interface Health {
  /** Whether its checks let it get connections. */
  readonly isLive: boolean;
  readonly state: HealthState;
  /** What came of the last check, in words, on one line. */
  readonly reason: string;
  /** Results like the last one in a row, without those that count for nothing; 0 before the first. */
  readonly consecutive: number;
  /** How long the last check took; 0 before the first. */
  readonly durationMs: number;
  /** When the last check ended, in milliseconds since the epoch; absent before the first. */
  readonly checkedAt?: number;
}
