import type { BackendOverrides } from '../../core/backend-overrides.ts';
import type { BackendStatus } from '../../core/backend-status.ts';
import type { BackendSpec } from '../../core/backend.ts';
import type { Clock } from '../../core/clock.ts';
import type { Health } from '../../core/healthcheck.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import type { Names } from '../../io/names/resolver.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import { BackendHistory } from './backend-history.ts';
import type { BackendList } from './backend-list.ts';
import { BackendSet } from './backend-set.ts';
import { byKey, candidatesOf, wantedByOthers } from './candidates.ts';
import type { PoolEvent, Tell } from './events.ts';
import { HealthGate, type Checks } from './health-gate.ts';
import { type Failure, OutlierEjection } from './outlier-ejection.ts';
import { Rotation } from './rotation.ts';
import type { PoolSettings } from './settings.ts';
import { SlowStart } from './slow-start.ts';
import { BackendStatuses } from './status.ts';

export interface PoolParts {
  readonly ledger: ServerLedger;
  readonly names: Names;
  readonly clock: Clock;
  readonly checks: Checks;
  /** Told each new snapshot. */
  readonly publish: (snapshot: Snapshot) => void;
  /** The connections of this backend are to be cut. */
  readonly close: (slot: number) => void;
  readonly tell: Tell;
}

/**
 * The one owner of a server's backends, which decides which of them may be elected. What happens to a backend leads to
 * a new snapshot:
 *
 *     list, overrides, settings -> #follow -> watch (health checks) --+
 *     addresses of a name --------------------------------------------+-> #publish -> look (rotation) -> snapshot
 *     check, slow start's step, probe, end of an ejection ------------+      |
 *     ejection (threads know it from the ledger) -----------------------> #note (history)
 */
export class Pool {
  readonly #parts: PoolParts;
  #settings: PoolSettings;
  readonly #backends: BackendSet;
  readonly #history: BackendHistory;
  readonly #healthGate: HealthGate;
  readonly #outliers: OutlierEjection;
  readonly #slowStart: SlowStart;
  readonly #rotation: Rotation;
  readonly #statuses: BackendStatuses;
  #snapshot: Snapshot = { version: 0, backends: [] };

  constructor(settings: PoolSettings, parts: PoolParts) {
    const { ledger, names, clock, checks } = parts;
    this.#parts = parts;
    this.#settings = settings;
    const tell: Tell = (event) => this.#tell(event);
    const publish = () => this.#publish();
    const inForce = () => this.#settings;
    this.#history = new BackendHistory(clock);
    this.#healthGate = new HealthGate(checks, tell);
    this.#outliers = new OutlierEjection({ ledger, clock, tell, settings: inForce, freed: publish });
    this.#slowStart = new SlowStart(settings.slowStartMs, clock, publish);
    const [history, healthGate, outliers, slowStart] = [
      this.#history,
      this.#healthGate,
      this.#outliers,
      this.#slowStart,
    ];
    const rotation = new Rotation({ outliers, slowStart, tell, settings: inForce });
    this.#rotation = rotation;
    this.#statuses = new BackendStatuses({ ledger, history, healthGate, outliers, slowStart, rotation });
    this.#backends = new BackendSet({
      ledger,
      names,
      clock,
      tell,
      nextVersion: () => this.#snapshot.version + 1,
      kept: (backend) => rotation.forgive(backend),
      listChanged: () => this.#follow(),
      addressesChanged: publish,
      moved: (backend) => healthGate.moved(backend),
    });
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get backendList(): Pick<BackendList, 'found' | 'has' | 'specs'> {
    return this.#backends.list;
  }

  /**
   * Takes over a whole list. A backend that is on it keeps its counts and connections, also if it had left it. Those
   * that are not stay in use until the names of the others were asked for, so that a change leaves no gap.
   */
  update(specs: readonly BackendSpec[]): void {
    this.#backends.update(specs);
  }

  /**
   * Puts other overrides into force: at once for backends that are there, and for others when they come. A backend that
   * they remove is not in use any more, whatever names are asked for.
   */
  applyOverrides(overrides: BackendOverrides): void {
    this.#backends.applyOverrides(overrides);
  }

  /** Follows changed settings, and checks that were changed. */
  configure(settings: PoolSettings): void {
    this.#settings = settings;
    this.#slowStart.configure(settings.slowStartMs);
    for (const backend of this.#backends.all) this.#rotation.forgive(backend);
    this.#follow();
  }

  /** Resolves when every backend's name was asked for once. */
  async resolved(): Promise<void> {
    await Promise.all(this.#backends.all.map(({ heard }) => heard));
  }

  /** No thread elects from a snapshot before this version any more. */
  applied(version: number): void {
    this.#backends.applied(version);
  }

  /** A backend that is watched went down or came up. */
  checked(key: string, health: Health): void {
    const backend = this.#backends.get(key);
    if (backend === undefined) return;
    this.#healthGate.record(backend, health);
    this.#publish();
  }

  /** What clients made of a backend; a report from before its row became another's is ignored. */
  failed(key: string, slot: number, failure: Failure): void {
    const backend = this.#backends.get(key);
    if (backend?.slot !== slot || !this.#rotation.isServing(backend)) return;
    if (this.#rotation.maxFails(backend) === 0) return this.#outliers.restore(backend);
    const isBack = this.#outliers.record(backend, failure);
    if (failure.what === 'ejected') this.#rotation.rescue(this.#backends.all);
    if (isBack) {
      this.#slowStart.begin(backend);
      this.#publish();
    } else if (failure.what === 'ejected') this.#note();
  }

  /** Whether it is on the list, or has left it and has connections. */
  has(key: string): boolean {
    return this.#backends.get(key) !== undefined;
  }

  /** In byte order of their keys; those that left the list and still have connections are there too. */
  status(): readonly BackendStatus[] {
    return this.#backends.all.toSorted(byKey).map((backend) => this.#statuses.of(backend));
  }

  /** Of what the pool itself counts. */
  resetCounters(): void {
    this.#history.reset(this.#backends.all);
  }

  /** Every backend with its row in the ledger, those included that are leaving. */
  slots(): readonly number[] {
    return this.#backends.all.map(({ slot }) => slot);
  }

  stop(): void {
    this.#outliers.stop();
    this.#slowStart.stop();
    this.#backends.stop();
  }

  /** Lists, states or settings have changed: other backends may have to be checked. */
  #follow(): void {
    this.#healthGate.watch(this.#backends.all);
    this.#publish();
  }

  /** Something that decides who gets clients may have changed. */
  #publish(): void {
    const backends = this.#backends.all;
    const fallen = this.#rotation.look(backends);
    const electable = new Set(
      backends.filter((each) => this.#rotation.isServing(each) && each.addresses !== undefined),
    );
    const candidates = candidatesOf([...electable], {
      warmupFactor: (backend) => this.#slowStart.warmupFactor(backend),
      maxFails: (backend) => this.#rotation.maxFails(backend),
    });
    const unavailable = wantedByOthers(backends.filter((each) => each.isDiscovered && !electable.has(each)));
    const others = unavailable.length === 0 ? {} : { unavailable };
    this.#snapshot = { version: this.#snapshot.version + 1, backends: candidates, ...others };
    this.#note();
    this.#parts.publish(this.#snapshot);
    for (const { slot } of fallen) this.#parts.close(slot);
    this.#backends.sweep();
  }

  /** Notes in the history of each backend whether it is available. */
  #note(): void {
    for (const backend of this.#backends.all) this.#history.note(backend, this.#statuses.unavailableReason(backend));
  }

  #tell(event: PoolEvent): void {
    const backend = 'backend' in event ? this.#backends.get(event.backend) : undefined;
    if (backend !== undefined) this.#history.count(backend, event);
    this.#parts.tell(event);
  }
}
