import type { Clock } from '../../core/clock.ts';
import type { Reading } from '../../core/reading.ts';
import type { Stats } from '../../core/stats.ts';
import type { ServerSteering } from '../../core/steering.ts';

export interface ApiParts {
  readonly reading: Pick<Reading, 'about' | 'servers' | 'server' | 'backends' | 'serverConfig' | 'dump'>;
  readonly steering: { readonly servers: Pick<ServerSteering, 'put' | 'remove'> };
  readonly stats: Pick<Stats, 'latest'>;
  readonly clock: Pick<Clock, 'date'>;
  /** Whether pages of other origins may ask. */
  readonly cors: boolean;
}
