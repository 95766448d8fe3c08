import { SilentAddresses } from '../../../src/core/happy-eyeballs.ts';
import type { FakePair } from '../fakes/fake-engine.ts';

/** Addresses that are always tried in the order of the list, so that the last dial tells how many were. */
export class ForgetfulAddresses extends SilentAddresses {
  override noteSilent(): void {
    return;
  }
}

/** How many addresses of its backend were dialled: the last one is 10.0.0.N. */
export function addressesDialled({ dials }: FakePair): number {
  return Number(/^10\.0\.0\.(\d+):/.exec(dials.at(-1) ?? '')?.[1]);
}
