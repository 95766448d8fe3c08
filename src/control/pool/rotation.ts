import type { Backend } from './backend.ts';
import type { Tell } from './events.ts';
import type { OutlierEjection } from './outlier-ejection.ts';
import type { PoolSettings } from './settings.ts';
import type { SlowStart } from './slow-start.ts';

export interface RotationParts {
  readonly outliers: OutlierEjection;
  readonly slowStart: SlowStart;
  readonly tell: Tell;
  readonly settings: () => PoolSettings;
}

/** Whether one backend may get clients, as it was last looked at. */
interface Eligibility {
  /** Enabled, and live as far as checks go. A panic makes no difference. */
  readonly isHealthy: boolean;
  /** It may get clients, unless it is ejected or its name is not resolved. */
  readonly isServing: boolean;
  /** Its connections are not to be kept where `on_down` says so. */
  readonly isDown: boolean;
}

/** Decides for all backends of a server at once which of them get clients, and does what follows when one comes or goes. */
export class Rotation {
  readonly #parts: RotationParts;
  readonly #eligibilities = new WeakMap<Backend, Eligibility>();
  /** The checks are taken to be wrong, and ignored. */
  #isPanic = false;

  constructor(parts: RotationParts) {
    this.#parts = parts;
  }

  /** Failures that eject a backend; 0 where none count, as in a panic. */
  maxFails(backend: Backend): number {
    return this.#isPanic ? 0 : this.#parts.outliers.maxFails(backend);
  }

  /** Forgets the failures of a backend whose failures do not count any more. */
  forgive(backend: Backend): void {
    const { outliers } = this.#parts;
    if (this.maxFails(backend) === 0 && outliers.hasFailures(backend)) outliers.restore(backend);
  }

  isServing(backend: Backend): boolean {
    return this.#eligibilities.get(backend)?.isServing ?? false;
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

  /** When all backends that get clients are ejected, none is: the rule of nginx. Where clients wait, nothing is to be done. */
  rescue(backends: readonly Backend[]): void {
    const { outliers, settings } = this.#parts;
    if (settings().queuesWhenDown) return;
    const serving = backends.filter((backend) => this.isServing(backend) && backend.addresses !== undefined);
    if (serving.length > 0 && serving.every((backend) => outliers.isEjected(backend))) outliers.restoreAll(serving);
  }

  /** @returns whether it went down */
  #follow(backend: Backend): boolean {
    const { outliers, slowStart } = this.#parts;
    const before = this.#eligibilities.get(backend);
    const now = this.#eligibilityOf(backend, before);
    this.#eligibilities.set(backend, now);
    const wasServing = before?.isServing ?? false;
    if (now.isServing && !wasServing) outliers.restore(backend);
    if (!now.isServing && wasServing) {
      outliers.forget(backend);
      slowStart.forget(backend);
    }
    if (now.isHealthy && before?.isHealthy === false && !wasServing) slowStart.begin(backend);
    return now.isDown && before?.isDown === false;
  }

  #eligibilityOf(backend: Backend, before: Eligibility | undefined): Eligibility {
    const { isDiscovered, isLive, state } = backend;
    // Backends that left are not checked: should they come back, they are what they were.
    if (!isDiscovered && before !== undefined) return { ...before, isServing: false };
    const isTakenForLive = isLive || this.#isPanic;
    return {
      isHealthy: state === 'enabled' && isLive,
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
      if (this.isServing(backend)) this.#parts.outliers.restore(backend);
    }
  }
}

/** What was not checked yet may count as down, but it is no sign that the checks are wrong. */
function isFoundDown({ isLive, health }: Backend): boolean {
  return !isLive && health?.state !== 'unchecked';
}
