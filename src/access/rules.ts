import type { ElectionContext } from '../core/context.ts';
import type { Network } from '../core/network.ts';
import { hasPrefix, leastBitsFor } from '../wire/network.ts';

/** Which clients may connect. Rules are tried in order and the first match decides. */
export interface AccessRules {
  /** For clients that no rule matches. */
  readonly defaultAllow: boolean;
  readonly rules: readonly AccessRule[];
}

export interface AccessRule extends Network {
  readonly allow: boolean;
}

/** What a server without an access section has. */
export const ALLOW_ALL: AccessRules = { defaultAllow: true, rules: [] };

/**
 * Whether the client may connect. An IPv4 client is the same with 4 bytes and with 16 (::ffff:a.b.c.d), and only an
 * IPv4 rule matches it: `allow ::/0` lets in no IPv4 client, as in gobetween (Go's `IPNet.Contains`). A client on a
 * unix socket has no address and matches no rule.
 */
export function isAllowed(access: AccessRules, context: ElectionContext): boolean {
  if (context.ipLength === 0) return access.defaultAllow;
  const leastBits = leastBitsFor(context);
  for (const rule of access.rules) {
    if (rule.bits >= leastBits && hasPrefix(rule, context)) return rule.allow;
  }
  return access.defaultAllow;
}
