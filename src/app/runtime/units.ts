import { TslbError } from '../../core/errors.ts';
import type { Unit } from './unit.ts';

/** The servers that run, by name, and those that are about to. */
export class Units {
  readonly #inForce = new Map<string, Unit>();
  /** Not in force everywhere yet: on some threads they may have clients already. */
  #newcomers: ReadonlyMap<string, Unit> = new Map();

  get inForce(): readonly Unit[] {
    return [...this.#inForce.values()];
  }

  /** To be settled by `adopt` or `dismiss`. */
  expect(newcomers: ReadonlyMap<string, Unit>): void {
    this.#newcomers = newcomers;
  }

  /** Those that were expected are in force. */
  adopt(): void {
    for (const [name, unit] of this.#newcomers) this.#inForce.set(name, unit);
    this.#newcomers = new Map();
  }

  /** Those that were expected will not be. */
  dismiss(): void {
    for (const unit of this.#newcomers.values()) unit.stop();
    this.#newcomers = new Map();
  }

  /** It is not in force any more. */
  release(name: string): Unit | undefined {
    const unit = this.#inForce.get(name);
    this.#inForce.delete(name);
    return unit;
  }

  find(name: string): Unit | undefined {
    return this.#inForce.get(name);
  }

  /** Also one that is about to be. @throws RangeError */
  expected(name: string): Unit {
    const unit = this.#newcomers.get(name) ?? this.#inForce.get(name);
    if (unit === undefined) throw new RangeError(`server ${name} has no unit`);
    return unit;
  }

  /** One in force. @throws TslbError TSLB_NO_SUCH_SERVER */
  get(name: string): Unit {
    const unit = this.#inForce.get(name);
    if (unit === undefined) throw new TslbError('TSLB_NO_SUCH_SERVER', `there is no server ${name}`);
    return unit;
  }

  /** Also one that is about to be. */
  withId(id: number): Unit | undefined {
    return [...this.#inForce.values(), ...this.#newcomers.values()].find((unit) => unit.id === id);
  }
}
