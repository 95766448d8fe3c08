/** What may stand in a roster, in one at a time. */
export interface Listed {
  /** Its place, kept by the roster; -1 while it is in none. */
  place: number;
}

/**
 * A list in no order, of which any member leaves as cheaply as it joined. Not a Set: one whose members come and go makes
 * a new table every so often, and each old table holds on to the next. Once one of them is old, the collector of young
 * garbage keeps all that follow, and with them every member that ever was in one.
 */
export class Roster<Member extends Listed> {
  readonly #members: Member[] = [];

  get size(): number {
    return this.#members.length;
  }

  /** Who is in it now. */
  get members(): readonly Member[] {
    return this.#members.slice();
  }

  /** Unless it is in it already. */
  add(member: Member): void {
    if (member.place < 0) member.place = this.#members.push(member) - 1;
  }

  /** If it is in it. */
  delete(member: Listed): void {
    if (member.place < 0) return;
    const last = this.#members.pop() as Member;
    if (last !== member) {
      this.#members[member.place] = last;
      last.place = member.place;
    }
    member.place = -1;
  }

  /** Takes out whoever is in it. */
  clear(): readonly Member[] {
    const members = this.#members.splice(0);
    for (const member of members) member.place = -1;
    return members;
  }
}
