import { TslbError } from '../../core/errors.ts';
import { whyNoEngine } from '../engines/registry.ts';
import type { WantedBind } from './placement.ts';

/**
 * Whether the engines of these binds can run here, and those of open binds are the ones they are open with.
 * @throws TslbError TSLB_ENGINE, TSLB_ENGINE_CHANGE
 */
export function checkEngines(wanted: readonly WantedBind[], open: readonly WantedBind[]): void {
  for (const kind of new Set(wanted.map(({ engine }) => engine))) {
    const reason = whyNoEngine(kind);
    if (reason !== undefined) throw new TslbError('TSLB_ENGINE', `engine "${kind}" cannot run here: ${reason}`);
  }
  const engines = new Map(open.map(({ bind, engine }) => [bind, engine]));
  for (const { server, engine, bind } of wanted) {
    const current = engines.get(bind) ?? engine;
    if (current === engine) continue;
    const message = `server "${server}": engine "${engine}": ${bind} is open with "${current}"; the engine changes only at a restart`;
    throw new TslbError('TSLB_ENGINE_CHANGE', message);
  }
}
