import type { Control } from '../../core/control.ts';
import type { Stats } from '../../core/stats.ts';

export interface ApiParts {
  readonly control: Pick<
    Control,
    'about' | 'servers' | 'server' | 'backends' | 'serverConfig' | 'dump' | 'putServer' | 'removeServer'
  >;
  readonly stats: Pick<Stats, 'latest'>;
  /** Whether pages of other origins may ask. */
  readonly cors: boolean;
}
