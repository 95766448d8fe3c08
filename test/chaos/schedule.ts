import type { Random } from '../../src/core/random.ts';
import { between, nthRandom, oneOf } from '../soak/chance.ts';

/** How many hosts of each kind there are, and the one name server and the one balancer. */
export const PLACES = { backend: 3, client: 2, names: 1, balancer: 1 } as const;
export type Place = keyof typeof PLACES;

/** A host, by kind and number from 0. */
export type Subject = `${Place} ${number}`;

/** How long a name may lead to the old address: its second, the second in which an answer is used, a busy machine. */
const NAME_LAG_MS = 4000;

/** What happens, where, and how long: at least and at most. A name that moves has its server tell it. */
const KINDS = {
  'host vanishes': { places: ['backend', 'client'], lastsMs: [500, 6000] },
  'cable is pulled': { places: ['backend', 'client'], lastsMs: [500, 6000] },
  'host restarts': { places: ['backend'], lastsMs: [500, 5000] },
  'packets get lost': { places: ['backend', 'client'], lastsMs: [2000, 6000] },
  'firewall rejects': { places: ['backend'], lastsMs: [500, 3000] },
  'name moves': { places: ['backend'], lastsMs: [NAME_LAG_MS, NAME_LAG_MS] },
  'name server vanishes': { places: ['names'], lastsMs: [2000, 8000] },
  'ports run out': { places: ['balancer'], lastsMs: [1000, 3000] },
  'process stands still': { places: ['balancer'], lastsMs: [4000, 4000] },
  reload: { places: ['balancer'], lastsMs: [0, 0] },
} as const satisfies Record<string, { readonly places: readonly Place[]; readonly lastsMs: readonly [number, number] }>;
export type Kind = keyof typeof KINDS;
export const ALL_KINDS = Object.keys(KINDS) as Kind[];

/** Trouble of a run: a host suffers one at a time. */
export interface Trouble {
  readonly kind: Kind;
  readonly subject: Subject;
  /** From the start of the run. */
  readonly atMs: number;
  readonly untilMs: number;
}

/** From the beginning of one to the next. */
const LEAST_GAP_MS = 500;
const MOST_GAP_MS = 2500;

/**
 * What happens in a run, which follows from its seed. Each kind comes once before any comes again.
 * @param recoveryMs how long a host is spared after each trouble, so that it is seen to recover
 */
export function scheduleOf(seed: number, durationMs: number, recoveryMs: number): readonly Trouble[] {
  const random = nthRandom(seed, -3);
  const troubles: Trouble[] = [];
  const freeAt = new Map<Subject, number>();
  let deck: Kind[] = [];
  for (let atMs = between(random, 0, MOST_GAP_MS); ; atMs += between(random, LEAST_GAP_MS, MOST_GAP_MS)) {
    const fits = (kind: Kind): boolean => atMs + KINDS[kind].lastsMs[1] + recoveryMs <= durationMs;
    const isFree = (subject: Subject): boolean => (freeAt.get(subject) ?? 0) <= atMs;
    const free = (kind: Kind): readonly Subject[] =>
      helpersOf(kind).every(isFree) ? subjectsOf(kind).filter(isFree) : [];
    if (!ALL_KINDS.some(fits)) return troubles;
    if (!deck.some(fits)) deck = shuffled(ALL_KINDS, random);
    const kind = deck.find((each) => fits(each) && free(each).length > 0);
    if (kind === undefined) continue;
    const subject = oneOf(random, free(kind));
    const [least, most] = KINDS[kind].lastsMs;
    const untilMs = atMs + between(random, least, most);
    deck.splice(deck.indexOf(kind), 1);
    for (const each of [subject, ...helpersOf(kind)]) freeAt.set(each, untilMs + recoveryMs);
    troubles.push({ kind, subject, atMs, untilMs });
  }
}

function subjectsOf(kind: Kind): readonly Subject[] {
  return KINDS[kind].places.flatMap((place) =>
    Array.from({ length: PLACES[place] }, (_, number): Subject => `${place} ${number}`),
  );
}

/** Must be well meanwhile. */
function helpersOf(kind: Kind): readonly Subject[] {
  return kind === 'name moves' ? ['names 0'] : [];
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item);
}
