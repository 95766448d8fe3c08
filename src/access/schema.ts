import * as z from 'zod';

import { nearest } from '../config/problem/nearest.ts';
import { type Fault, quoted, type Reading } from '../config/problem/problem.ts';
import { parseNetwork } from '../config/values/network.ts';
import { parsedText } from '../config/values/values.ts';
import type { AccessRule, AccessRules } from './rules.ts';

const EXPECTED = '"allow" or "deny" and an IP address or network, such as "deny 10.0.0.0/8"';
const ACTIONS = ['allow', 'deny'] as const;

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
  const parsed = parseNetwork(network[0]);
  if ('value' in parsed) return { value: { allow: action[0] === 'allow', ...parsed.value } };
  return fault({ ...parsed.fault, offset: network.index + parsed.fault.offset });
}

function unknownAction(word: string, offset: number): RuleFault {
  const meant = nearest(word, ACTIONS) ?? ACTIONS.find((action) => action === word.toLowerCase());
  if (meant === undefined) return { message: `a rule begins with "allow" or "deny", not ${quoted(word)}`, offset };
  return { message: `unknown ${quoted(word)}; did you mean "${meant}"?`, offset, suggestion: `write ${meant}` };
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
