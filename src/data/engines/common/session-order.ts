/** A client that was not answered yet; that was; that has spoken again since. */
const LISTS = ['strange', 'answered', 'proven'] as const;
export type Standing = (typeof LISTS)[number];

/** A session of UDP in its order; the list writes these fields. */
export interface Ordered {
  newer: Ordered | undefined;
  older: Ordered | undefined;
  list: Standing | undefined;
  /** Milliseconds of the engine's clock. */
  lastAt: number;
}

/** One that was used since is in use, and makes no room, unless its client is a stranger. */
const IN_USE_MS = 1_000;

type Ends = Record<Standing, Ordered | undefined>;

/**
 * Which session makes room for a new one where the table is full: the one that was used longest ago, strangers first. So a
 * flood from forged addresses, whose senders see no answer, pushes out no session of a client that is there.
 */
export class SessionOrder<Session extends Ordered> {
  readonly #newest: Ends = { strange: undefined, answered: undefined, proven: undefined };
  readonly #oldest: Ends = { strange: undefined, answered: undefined, proven: undefined };

  /** It was used. */
  touch(session: Session, now: number, standing: Standing): void {
    session.lastAt = now;
    if (session.list === standing && session.newer === undefined) return;
    this.remove(session);
    session.list = standing;
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
