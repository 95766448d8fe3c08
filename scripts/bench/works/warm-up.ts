import { toolPath } from '../tools.ts';
import { type Bench, loadByAb, urlOf } from './work.ts';

const CLIENTS = 50;

/**
 * What a process that has run for a while has behind it: code that is compiled, memory that is there. Each work has a
 * short warm-up of its own besides. @throws Error when a request fails
 */
export async function warmUp(bench: Bench): Promise<void> {
  if (toolPath('ab') === undefined) return;
  const load = { url: urlOf(bench, 'web', 'page'), clients: CLIENTS };
  await loadByAb(bench, { ...load, requests: bench.scale.warmUp.requests, keepsAlive: true });
  await loadByAb(bench, { ...load, requests: bench.scale.warmUp.connections, keepsAlive: false });
}
