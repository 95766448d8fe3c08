import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';
import * as z from 'zod';

import { nearest } from '../config/problem/nearest.ts';
import { type Fault, quoted, type Reading } from '../config/problem/problem.ts';
import { parsedText } from '../config/values/values.ts';
import type { AccessRule, AccessRules } from './rules.ts';

const EXPECTED = '"allow" or "deny" and an IP address or network, such as "deny 10.0.0.0/8"';
const ACTIONS = ['allow', 'deny'] as const;

/** An IPv4 address as ::ffff:a.b.c.d has this many bits in front. */
const MAPPED_BITS = 96;

/**
 * Reads a rule: `allow` or `deny`, blanks, an IP address or CIDR. Host bits of a network are cleared. gobetween wants
 * exactly one blank.
 */
export function parseAccessRule(text: string): Reading<AccessRule> {
  const words = [...text.matchAll(/\S+/g)];
  const [action, network, surplus] = words;
  if (action === undefined) return fault({ message: 'the rule is empty' });
  if (action[0] !== 'allow' && action[0] !== 'deny') return fault(unknownAction(action[0], action.index));
  if (network === undefined) {
    return fault({ message: `${quoted(text)} has no address`, offset: text.trimEnd().length });
  }
  if (surplus !== undefined) {
    return fault({ message: `unexpected ${quoted(surplus[0])} after the address`, offset: surplus.index });
  }
  const parsed = parseNetwork(network[0], network.index);
  return 'faults' in parsed ? parsed : { value: { allow: action[0] === 'allow', ...parsed.value } };
}

function unknownAction(word: string, offset: number): RuleFault {
  const meant = nearest(word, ACTIONS) ?? ACTIONS.find((action) => action === word.toLowerCase());
  if (meant === undefined) return { message: `a rule begins with "allow" or "deny", not ${quoted(word)}`, offset };
  return { message: `unknown ${quoted(word)}; did you mean "${meant}"?`, offset, suggestion: `write ${meant}` };
}

/** isIP decides what an address is: ipaddr.js alone would take octal and hexadecimal ones. */
function parseNetwork(text: string, offset: number): Reading<Omit<AccessRule, 'allow'>> {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 0) return fault({ message: `${quoted(address)} is not an IP address`, offset });

  const width = family === 4 ? 32 : 128;
  const prefix = slash < 0 ? String(width) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > width) {
    const wrong = `${quoted(prefix)} is not a prefix length of an IPv${family} network`;
    const message = prefix === '' ? 'the prefix length is missing' : wrong;
    return fault({ message, offset: offset + slash + 1, expected: `a number from 0 to ${width}` });
  }
  const bits = Number(prefix) + (family === 4 ? MAPPED_BITS : 0);
  return { value: { base: maskedBytes(address, bits), bits } };
}

function maskedBytes(address: string, bits: number): Uint8Array {
  const parsed = ipaddr.parse(address);
  const whole = parsed instanceof ipaddr.IPv4 ? parsed.toIPv4MappedAddress() : parsed;
  return Uint8Array.from(whole.toByteArray(), (byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff << (8 - kept));
  });
}

type RuleFault = Omit<Fault, 'code'>;

function fault(found: RuleFault): { faults: readonly Fault[] } {
  return { faults: [{ code: 'TSLB_CONFIG_ACCESS_RULE', expected: EXPECTED, ...found }] };
}

/** The table `access` of a server. */
export const accessSchema = z
  .object({
    default: z
      .enum(ACTIONS)
      .default('allow')
      .meta({ title: 'word', description: 'What happens to a client that no rule matches.' }),
    rules: z
      .array(parsedText(parseAccessRule).meta({ examples: ['deny 10.0.0.0/8', 'allow 2001:db8::/32'] }))
      .prefault([])
      .meta({
        title: 'list of rules',
        description:
          'Which clients may connect: `allow` or `deny`, then an IP address or network (CIDR), IPv4 or IPv6. The' +
          ' first rule that' +
          ' matches decides.',
        gobetween: 'Requires exactly one blank between the two words; here any number of blanks is allowed.',
      }),
  })
  .transform((access): AccessRules => ({ defaultAllow: access.default === 'allow', rules: access.rules }))
  .meta({ description: 'Which clients may connect. Absent: all.' });
