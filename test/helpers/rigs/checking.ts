import { type Finding, findingOf, PASSED } from '../../../src/control/healthcheck/finding.ts';
import { createHealthcheck, healthcheckSchema } from '../../../src/control/healthcheck/registry.ts';
import type { NamedAddress, ResolvedTarget, SocketAddress } from '../../../src/core/address.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { LOCAL_NAMES } from '../fakes/local-names.ts';
import { resolvedTarget } from '../../../src/io/names/resolved-target.ts';
import { Dialer } from '../../../src/io/dialer.ts';

/** For those checks that are to take too long. */
const LATE_MS = 150;

export type Check = (target: SocketAddress | NamedAddress, signal?: AbortSignal) => Promise<string>;

/** A check by the keys of the file. @returns a function that says what came of it: a reason, with `?` for neither */
export function checkBy(keys: Record<string, unknown>): Check {
  const config = healthcheckSchema.parse({ interval: '10s', ...keys });
  const check = createHealthcheck(config, { dialer: new Dialer(systemClock) });
  return async (target, signal = new AbortController().signal) => {
    const named = 'ip' in target ? { host: target.ip, port: target.port } : target;
    const asked = check.check(await targetOf(named, config.kind), signal);
    return worded(await asked.then(() => PASSED, findingOf));
  };
}

/** Programs are given the name alone. */
async function targetOf(target: NamedAddress, kind: string): Promise<ResolvedTarget> {
  if (kind === 'exec') return { target, addresses: [] };
  return resolvedTarget(target, LOCAL_NAMES, new AbortController().signal);
}

function worded({ outcome, reason }: Finding): string {
  return outcome === 'inconclusive' ? `? ${reason}` : reason;
}

/** As `checkBy`, of a check that must end by its time alone. */
export function lateCheckBy(keys: Record<string, unknown>): Check {
  const check = checkBy(keys);
  return (target) => check(target, AbortSignal.timeout(LATE_MS));
}
