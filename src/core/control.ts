import type { Reading } from './reading.ts';
import type { Steering } from './steering.ts';

/**
 * The one door between the HTTP services (control/api, control/v1, control/metrics, control/profiler, control/stats,
 * control/dashboard)
 * and the running balancer.
 */
export interface Control {
  readonly reading: Reading;
  readonly steering: Steering;
}
