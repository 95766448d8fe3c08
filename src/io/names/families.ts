import type { Clock } from '../../core/clock.ts';
import type { Family } from './message.ts';
import type { Outcome } from './name-servers.ts';

/** RFC 8305 calls it the resolution delay: for the answer of the other family, once one has addresses. */
const OTHER_FAMILY_MS = 250;

/** What DNS says of one absolute name. */
export type DnsFinding =
  | {
      readonly type: 'found';
      readonly addresses: readonly string[];
      readonly ttlMs: number;
      /** Could not be asked for, or not yet. */
      readonly unknown?: Family;
      /** The same once that has been answered. */
      readonly later?: Promise<DnsFinding>;
    }
  | { readonly type: 'absent' }
  | { readonly type: 'failed'; readonly reason: string; readonly isRefusal: boolean };

export type AskFamily = (family: Family) => Promise<Outcome>;

/** Asks for IPv4 and IPv6 at once. A family that stays silent keeps the addresses of the other for a moment only. */
export async function askBothFamilies(ask: AskFamily, clock: Clock): Promise<DnsFinding> {
  const answers: Partial<Record<Family, Outcome>> = {};
  const asked = ([4, 6] as const).map(async (family) => {
    const outcome = await ask(family);
    answers[family] = outcome;
    return outcome;
  });
  const both = Promise.all(asked).then(() => findingOf(answers));
  const first = await Promise.race(asked);
  if (!hasAddresses(first)) return both;
  const isInTime = await within(OTHER_FAMILY_MS, both, clock);
  const finding = findingOf(answers);
  return isInTime || finding.type !== 'found' ? finding : { ...finding, later: both };
}

/** Of what has been answered until now. */
function findingOf(answers: Readonly<Partial<Record<Family, Outcome>>>): DnsFinding {
  const found = ([4, 6] as const).flatMap((family) => {
    const outcome = answers[family];
    return outcome !== undefined && hasAddresses(outcome) ? [outcome.answer] : [];
  });
  const unknown = ([4, 6] as const).find((family) => answers[family]?.type !== 'answer');
  const [failure] = [answers[4], answers[6]].filter((outcome) => outcome?.type === 'failed');
  if (found.length === 0) return failure ?? { type: 'absent' };
  return {
    type: 'found',
    addresses: found.flatMap(({ addresses }) => addresses),
    ttlMs: Math.min(...found.map(({ ttl }) => ttl)) * 1000,
    ...(unknown !== undefined && { unknown }),
  };
}

function hasAddresses(outcome: Outcome): outcome is Extract<Outcome, { type: 'answer' }> {
  return outcome.type === 'answer' && outcome.answer.addresses.length > 0;
}

/** @returns whether it has resolved in time */
function within(ms: number, work: Promise<unknown>, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, () => resolve(false));
    void work.then(() => {
      timer.cancel();
      resolve(true);
    });
  });
}
