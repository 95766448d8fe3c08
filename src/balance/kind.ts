import type { Balancer } from '../core/balancer.ts';

/** A balancer as the registry lists it. */
export interface BalancerKind<Kind extends string = string> extends Balancer {
  /** What a config file writes: `balance = "…"`. */
  readonly kind: Kind;
  /** One sentence for the reference page. */
  readonly summary: string;
}

/** Declares a balancer, one per file. */
export function defineBalancer<const Kind extends string>(balancer: BalancerKind<Kind>): BalancerKind<Kind> {
  return balancer;
}
