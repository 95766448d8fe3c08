import type { Clock } from '../../core/clock.ts';
import type { Control } from '../../core/control.ts';
import type { Stats } from '../../core/stats.ts';

export interface ApiParts {
  readonly control: Pick<
    Control,
    'about' | 'servers' | 'server' | 'backends' | 'serverConfig' | 'dump' | 'putServer' | 'removeServer'
  >;
  readonly stats: Pick<Stats, 'latest'>;
  readonly clock: Pick<Clock, 'date'>;
  /** Whether pages of other origins may ask. */
  readonly cors: boolean;
}
