import type { Kind } from '../config/schema/kind.ts';
import type { Balancer } from '../core/balancer.ts';

/** A balancer as the registry lists it. */
export interface BalancerKind<Name extends string = string> extends Balancer, Kind<Name> {
  /** One sentence for the reference page. */
  readonly summary: string;
}

/** Declares a balancer, one per file. */
export function defineBalancer<const Name extends string>(balancer: BalancerKind<Name>): BalancerKind<Name> {
  return balancer;
}
