import { TslbError } from '../../core/errors.ts';
import type { Unit } from './unit.ts';

/** The servers that run, by name, and those that are about to. */
export class Units {
  readonly #running = new Map<string, Unit>();
  /** Not in force everywhere yet: on some threads they may have clients already. */
  #newcomers: ReadonlyMap<string, Unit> = new Map();

  get running(): readonly Unit[] {
    return [...this.#running.values()];
  }

  /** To be settled by `adopt` or `dismiss`. */
  expect(newcomers: ReadonlyMap<string, Unit>): void {
    this.#newcomers = newcomers;
  }

  /** Those that were expected are in force. */
  adopt(): void {
    for (const [name, unit] of this.#newcomers) this.#running.set(name, unit);
    this.#newcomers = new Map();
  }

  /** Those that were expected will not be. */
  dismiss(): void {
    for (const unit of this.#newcomers.values()) unit.stop();
    this.#newcomers = new Map();
  }

  /** It is not in force any more. */
  release(name: string): Unit | undefined {
    const unit = this.#running.get(name);
    this.#running.delete(name);
    return unit;
  }

  find(name: string): Unit | undefined {
    return this.#running.get(name);
  }

  /** Also one that is about to be. @throws RangeError */
  expected(name: string): Unit {
    const unit = this.#newcomers.get(name) ?? this.#running.get(name);
    if (unit === undefined) throw new RangeError(`server ${name} has no unit`);
    return unit;
  }

  /** One in force. @throws TslbError TSLB_NO_SUCH_SERVER */
  get(name: string): Unit {
    const unit = this.#running.get(name);
    if (unit === undefined) throw new TslbError('TSLB_NO_SUCH_SERVER', `there is no server ${name}`);
    return unit;
  }

  /** Also one that is about to be. */
  withId(id: number): Unit | undefined {
    return [...this.#running.values(), ...this.#newcomers.values()].find((unit) => unit.id === id);
  }
}
