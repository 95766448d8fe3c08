import type { DiscoveryConfig } from '../../../src/control/discovery/registry.ts';
import type { BackendSpec } from '../../../src/core/backend.ts';

/** The backends of a static list; none of another source. */
export function staticList(discovery: DiscoveryConfig | undefined): readonly BackendSpec[] {
  return discovery?.kind === 'static' ? discovery.backends : [];
}
