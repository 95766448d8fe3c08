import type { ElectionContext } from '../core/context.ts';
import { isMappedIPv4, mappedByte } from '../wire/ip.ts';

/** Which clients may connect. Rules are tried in order and the first match decides. */
export interface AccessRules {
  /** For clients that no rule matches. */
  readonly defaultAllow: boolean;
  readonly rules: readonly AccessRule[];
}

export interface AccessRule {
  readonly allow: boolean;
  /** The network's 16 bytes; IPv4 as ::ffff:a.b.c.d. Bits beyond `bits` are not looked at. */
  readonly base: Uint8Array;
  /** Leading bits of the 16 bytes that must agree, 0 to 128: the prefix length, plus 96 for an IPv4 network. */
  readonly bits: number;
}

/** What a server without an access section has. */
export const ALLOW_ALL: AccessRules = { defaultAllow: true, rules: [] };

/** The bits in front of the IPv4 address in its 16 bytes. */
const MAPPED_BITS = 96;

/**
 * Whether the client may connect. An IPv4 client is the same with 4 bytes and with 16 (::ffff:a.b.c.d), and only an
 * IPv4 rule matches it: `allow ::/0` lets in no IPv4 client, as in gobetween (Go's `IPNet.Contains`). A client on a
 * unix socket has no address and matches no rule.
 */
export function isAllowed(access: AccessRules, context: ElectionContext): boolean {
  const { ip, ipLength } = context;
  if (ipLength === 0) return access.defaultAllow;
  const leastBits = ipLength === 4 || isMappedIPv4(ip) ? MAPPED_BITS : 0;
  for (const rule of access.rules) {
    if (rule.bits >= leastBits && isWithin(rule, context)) return rule.allow;
  }
  return access.defaultAllow;
}

function isWithin({ base, bits }: AccessRule, { ip, ipLength }: ElectionContext): boolean {
  for (let i = 0, left = bits; left > 0; i++, left -= 8) {
    const byte = ipLength === 16 ? ip[i] : i < 12 ? mappedByte(i) : ip[i - 12];
    const mask = left < 8 ? 0xff00 >> left : 0xff;
    if ((((byte as number) ^ (base[i] as number)) & mask & 0xff) !== 0) return false;
  }
  return true;
}
