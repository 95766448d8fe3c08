/** Its client has spoken once and had no answer; has done one of both; or has been answered and has spoken again. */
const LISTS = ['strange', 'known', 'proven'] as const;
export type Standing = (typeof LISTS)[number];

/** In so short a time a session keeps its place, however often it is used. */
const SAME_PLACE_MS = 100;

/** A session of UDP in its order; the list writes these fields. */
export interface Ordered {
  newer: Ordered | undefined;
  older: Ordered | undefined;
  list: Standing | undefined;
  /** When it was used, and when it got its place: milliseconds of the engine's clock. */
  lastAt: number;
  placedAt: number;
}

/** One that was used within this time is in use, and makes no room, unless its client is a stranger. */
const IN_USE_MS = 1_000;

/** @param requests datagrams of its client @param responses of its backend */
export function standingOf(requests: number, responses: number): Standing {
  if (responses === 0) return requests > 1 ? 'known' : 'strange';
  return requests > 1 ? 'proven' : 'known';
}

type Ends = Record<Standing, Ordered | undefined>;

/**
 * Which session makes room for a new one where the table is full: the one that was used longest ago, strangers first, and
 * last those that go on. So a flood from forged addresses, whose senders see no answer, pushes out no session that is in use.
 */
export class SessionOrder<Session extends Ordered> {
  readonly #newest: Ends = { strange: undefined, known: undefined, proven: undefined };
  readonly #oldest: Ends = { strange: undefined, known: undefined, proven: undefined };

  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** It was used: called for each datagram. */
  touch(session: Session, now: number, standing: Standing): void {
    session.lastAt = now;
    if (session.list === standing && (session.newer === undefined || now - session.placedAt < SAME_PLACE_MS)) return;
    this.remove(session);
    session.list = standing;
    this.#size += 1;
    session.placedAt = now;
    session.older = this.#newest[standing];
    if (session.older === undefined) this.#oldest[standing] = session;
    else session.older.newer = session;
    this.#newest[standing] = session;
  }

  remove(session: Session): void {
    const { list, newer, older } = session;
    if (list === undefined) return;
    if (newer === undefined) this.#newest[list] = older;
    else newer.older = older;
    if (older === undefined) this.#oldest[list] = newer;
    else older.newer = newer;
    session.newer = session.older = session.list = undefined;
    this.#size -= 1;
  }

  /** @returns the session to be ended; undefined where all are in use */
  toEvict(now: number): Session | undefined {
    for (const list of LISTS) {
      const oldest = this.#oldest[list];
      if (oldest !== undefined && (list === 'strange' || now - oldest.lastAt >= IN_USE_MS)) return oldest as Session;
    }
    return undefined;
  }
}
