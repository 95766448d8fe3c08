import type { ElectionContext } from '../../core/context.ts';
import type { ClientAddress } from '../../core/engine.ts';
import { readClientIp } from '../../wire/client-address.ts';

const context: ElectionContext = { ip: new Uint8Array(16), ipLength: 0 };

/** A client as access rules, limits and strategies want to know it. The same object for all: keep nothing of it. */
export function contextOf(address: ClientAddress): ElectionContext {
  readClientIp(address, context);
  return context;
}
