import type { Backend } from './backend.ts';
import type { Tell } from './events.ts';
import type { PassiveChecks } from './passive.ts';
import type { PoolSettings } from './settings.ts';
import type { SlowStart } from './slow-start.ts';

export interface RotationParts {
  readonly passive: PassiveChecks;
  readonly slowStart: SlowStart;
  readonly tell: Tell;
  readonly settings: () => PoolSettings;
}

/** Of one backend, as it was last looked at. */
interface Standing {
  /** Enabled, and as far as checks go live. */
  readonly isFit: boolean;
  /** It may get clients, unless it is ejected or its name is not resolved. */
  readonly isServing: boolean;
  /** Its connections are not to be kept where `on_down` says so. */
  readonly isDown: boolean;
}

/** Who gets clients: decides it for all backends of a server at once, and does what follows when one comes or goes. */
export class Rotation {
  readonly #parts: RotationParts;
  readonly #standings = new WeakMap<Backend, Standing>();
  /** The checks are taken to be wrong, and ignored. */
  #isPanic = false;

  constructor(parts: RotationParts) {
    this.#parts = parts;
  }

  /** Failures that eject a backend; 0 where none count, as in a panic. */
  maxFails(backend: Backend): number {
    return this.#isPanic ? 0 : this.#parts.passive.maxFails(backend);
  }

  /** Forgets the failures of a backend whose failures do not count any more. */
  forgive(backend: Backend): void {
    const { passive } = this.#parts;
    if (this.maxFails(backend) === 0 && passive.isSuspected(backend)) passive.restore(backend);
  }

  isServing(backend: Backend): boolean {
    return this.#standings.get(backend)?.isServing ?? false;
  }

  /** Looks at all backends anew. @returns those that went down, if their connections are to be cut */
  look(backends: readonly Backend[]): readonly Backend[] {
    const wasPanic = this.#isPanic;
    this.#decidePanic(backends);
    const fallen = backends.filter((backend) => this.#follow(backend));
    if (this.#isPanic && !wasPanic) this.#restoreServing(backends);
    this.rescue(backends);
    return this.#parts.settings().closesOnDown ? fallen : [];
  }

  /** When all that get clients are ejected, none is: nginx's rule. Where clients wait for one, nothing is to be done. */
  rescue(backends: readonly Backend[]): void {
    const { passive, settings } = this.#parts;
    if (settings().queuesWhenDown) return;
    const serving = backends.filter((backend) => this.isServing(backend) && backend.addresses !== undefined);
    if (serving.length > 0 && serving.every((backend) => passive.isEjected(backend))) passive.restoreAll(serving);
  }

  /** @returns whether it went down */
  #follow(backend: Backend): boolean {
    const { passive, slowStart } = this.#parts;
    const before = this.#standings.get(backend);
    const now = this.#standingOf(backend, before);
    this.#standings.set(backend, now);
    const wasServing = before?.isServing ?? false;
    if (now.isServing && !wasServing) passive.restore(backend);
    if (!now.isServing && wasServing) {
      passive.forget(backend);
      slowStart.forget(backend);
    }
    if (now.isFit && before?.isFit === false && !wasServing) slowStart.begin(backend);
    return now.isDown && before?.isDown === false;
  }

  #standingOf(backend: Backend, before: Standing | undefined): Standing {
    const { isDiscovered, isLive, state } = backend;
    // Nobody looks after those that left: should they come back, they are what they were.
    if (!isDiscovered && before !== undefined) return { ...before, isServing: false };
    const isTakenForLive = isLive || this.#isPanic;
    return {
      isFit: state === 'enabled' && isLive,
      isServing: isDiscovered && state === 'enabled' && isTakenForLive,
      isDown: state === 'disabled' || !isTakenForLive,
    };
  }

  #decidePanic(backends: readonly Backend[]): void {
    const { tell, settings } = this.#parts;
    const enabled = backends.filter(({ isDiscovered, state }) => isDiscovered && state === 'enabled');
    const live = enabled.filter((backend) => !isFoundDown(backend)).length;
    const isPanic = live * 100 < settings().panicThreshold * enabled.length;
    if (isPanic === this.#isPanic) return;
    this.#isPanic = isPanic;
    tell({ type: isPanic ? 'panic' : 'panic-over', live, backends: enabled.length });
  }

  #restoreServing(backends: readonly Backend[]): void {
    for (const backend of backends) {
      if (this.isServing(backend)) this.#parts.passive.restore(backend);
    }
  }
}

/** What was not checked yet may count as down, but nothing speaks against the checks. */
function isFoundDown({ isLive, health }: Backend): boolean {
  return !isLive && health?.state !== 'unchecked';
}
