import type { DatagramSession } from './session.ts';

/**
 * Sessions that have had one request and no answer, the oldest first: those of a flood with made-up addresses are among
 * them, and one that is in use is not.
 */
export class UnprovenSessions {
  #oldest: DatagramSession | undefined;
  #newest: DatagramSession | undefined;

  get oldest(): DatagramSession | undefined {
    return this.#oldest;
  }

  add(session: DatagramSession): void {
    session.isUnproven = true;
    session.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = session;
    else this.#newest.newer = session;
    this.#newest = session;
  }

  /** If it is among them. */
  delete(session: DatagramSession): void {
    if (!session.isUnproven) return;
    session.isUnproven = false;
    const { older, newer } = session;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    session.older = session.newer = undefined;
  }
}
