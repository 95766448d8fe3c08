import type { Clock, Timer } from '../../../core/clock.ts';

/** Calls on every member at intervals; no timer runs while there is none. */
export class PeriodicVisitor<Member> {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #visit: (member: Member) => void;
  readonly #members = new Set<Member>();
  #timer: Timer | undefined;

  constructor(clock: Clock, everyMs: number, visit: (member: Member) => void) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#visit = visit;
  }

  add(member: Member): void {
    this.#members.add(member);
    this.#timer ??= this.#clock.every(this.#everyMs, () => this.#visitAll());
  }

  remove(member: Member): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #visitAll(): void {
    for (const member of this.#members) this.#visit(member);
  }
}
