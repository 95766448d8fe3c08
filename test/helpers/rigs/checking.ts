import { type Finding, findingOf, PASSED } from '../../../src/control/healthcheck/finding.ts';
import { createHealthcheck, healthcheckSchema } from '../../../src/control/healthcheck/registry.ts';
import type { NamedAddress, SocketAddress } from '../../../src/core/address.ts';
import { LOCAL_NAMES } from '../fakes/local-names.ts';

/** For those checks that are to take too long. */
const LATE_MS = 150;

export type Check = (target: SocketAddress | NamedAddress, signal?: AbortSignal) => Promise<string>;

/** A check by the keys of the file. @returns a function that says what came of it: a reason, with `?` for neither */
export function checkBy(keys: Record<string, unknown>): Check {
  const config = healthcheckSchema.parse({ interval: '10s', ...keys });
  const check = createHealthcheck(config, { lookups: LOCAL_NAMES });
  return async (target, signal = new AbortController().signal) => {
    const named = 'ip' in target ? { host: target.ip, port: target.port } : target;
    return worded(await check.check(named, signal).then(() => PASSED, findingOf));
  };
}

function worded({ outcome, reason }: Finding): string {
  return outcome === 'inconclusive' ? `? ${reason}` : reason;
}

/** As `checkBy`, of a check that must end by its time alone. */
export function lateCheckBy(keys: Record<string, unknown>): Check {
  const check = checkBy(keys);
  return (target) => check(target, AbortSignal.timeout(LATE_MS));
}
