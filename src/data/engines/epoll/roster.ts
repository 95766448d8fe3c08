/** What may stand in a roster, in one at a time. */
export interface Listed {
  /** Its place, kept by the roster; -1 while it is in none. */
  place: number;
}

/** A list in no order, of which any member leaves at the cost of one that joins. A Set costs several times as much. */
export class Roster<Member extends Listed> {
  readonly #members: Member[] = [];

  get size(): number {
    return this.#members.length;
  }

  /** Unless it is in it already. */
  add(member: Member): void {
    if (member.place < 0) member.place = this.#members.push(member) - 1;
  }

  /** If it is in it. */
  delete(member: Member): void {
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
