import * as z from 'zod';

import { registry } from '../../config/schema/kind.ts';
import type { Discovery } from '../../core/discovery.ts';
import { discoveryTable } from './kind.ts';
import { staticDiscovery } from './static.ts';

/** Every source of backends, by the name that `kind = "…"` gives it. */
export const discoveries = registry({ static: staticDiscovery });

/** The table `discovery` of a server. */
export const discoverySchema = z
  .discriminatedUnion('kind', [discoveryTable(discoveries.static)])
  .meta({ description: 'The source of the backends. The keys depend on its kind.' });

export type DiscoveryConfig = z.output<typeof discoverySchema>;

/** Makes the source that a configuration asks for. Asks nothing yet. */
export function createDiscovery(config: DiscoveryConfig): Discovery {
  return discoveries[config.kind].create(config);
}
