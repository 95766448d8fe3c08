import type { BackendOverrides } from '../../core/backend-overrides.ts';
import type { BackendStatus, UnavailableReason } from '../../core/backend-status.ts';
import { backendKey, type BackendSpec } from '../../core/backend.ts';
import type { Clock } from '../../core/clock.ts';
import type { Health } from '../../core/healthcheck.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import type { Names } from '../../io/names.ts';
import type { ServerLedger } from '../../ledger/server-ledger.ts';
import { Annals } from './annals.ts';
import { Backend } from './backend.ts';
import { byKey, candidatesOf } from './candidates.ts';
import { Checkup, type Checks } from './checkup.ts';
import { Departures } from './departures.ts';
import type { PoolEvent, Tell } from './events.ts';
import { Listing } from './listing.ts';
import { type Failure, PassiveChecks } from './passive.ts';
import { Rotation } from './rotation.ts';
import type { PoolSettings } from './settings.ts';
import { SlowStart } from './slow-start.ts';
import { obstacleOf, statusOf } from './status.ts';

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
 * The one owner of a server's backends: merges each new list into those it knows, keeps what leaves the list until its
 * connections have ended, and publishes who may be elected.
 */
export class Pool {
  readonly #parts: PoolParts;
  #settings: PoolSettings;
  readonly #backends = new Map<string, Backend>();
  readonly #annals: Annals;
  readonly #checkup: Checkup;
  readonly #departures: Departures;
  readonly #passive: PassiveChecks;
  readonly #slowStart: SlowStart;
  readonly #rotation: Rotation;
  #snapshot: Snapshot = { version: 0, backends: [] };
  #serials = 0;
  readonly #listing = new Listing();
  #isMerging = false;

  constructor(settings: PoolSettings, parts: PoolParts) {
    const { ledger, clock, checks } = parts;
    this.#parts = parts;
    this.#settings = settings;
    this.#annals = new Annals(clock);
    const tell: Tell = (event) => this.#tell(event);
    const inForce = () => this.#settings;
    this.#checkup = new Checkup(checks, tell);
    this.#departures = new Departures(ledger, clock, (backend) => this.#gone(backend));
    this.#passive = new PassiveChecks({ ledger, clock, tell, settings: inForce, freed: () => this.#publish() });
    this.#slowStart = new SlowStart(settings.slowStartMs, clock, () => this.#publish());
    this.#rotation = new Rotation({ passive: this.#passive, slowStart: this.#slowStart, tell, settings: inForce });
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get listing(): Pick<Listing, 'found' | 'has' | 'specs'> {
    return this.#listing;
  }

  /**
   * Takes over a whole list. A backend that is on it keeps its counts and connections, also if it had left it. Those
   * that are not stay in use until the names of the others were asked for, so that a change leaves no gap.
   */
  update(specs: readonly BackendSpec[]): void {
    this.#listing.find(specs);
    this.#takeOver();
  }

  /**
   * Puts other overrides into force: at once for backends that are there, and for others when they come. A backend that
   * they remove is not in use any more, whatever names are asked for.
   */
  applyOverrides(overrides: BackendOverrides): void {
    const listed = [...this.#backends.values()].filter(({ key }) => this.#listing.has(key));
    this.#listing.applyOverrides(overrides);
    for (const backend of this.#backends.values()) this.#change(backend, () => this.#listing.mark(backend));
    this.#drop(listed.filter(({ key }) => !this.#listing.has(key)));
    this.#takeOver();
  }

  /** Follows changed settings, and checks that were changed. */
  configure(settings: PoolSettings): void {
    this.#settings = settings;
    this.#slowStart.configure(settings.slowStartMs);
    for (const backend of this.#backends.values()) this.#forgive(backend);
    this.#follow();
  }

  /** Resolves when every backend's name was asked for once. */
  async resolved(): Promise<void> {
    await Promise.all([...this.#backends.values()].map(({ heard }) => heard));
  }

  /** No thread elects from a snapshot before this version any more. */
  applied(version: number): void {
    this.#departures.applied(version);
  }

  /** A backend that is watched went down or came up. */
  checked(key: string, health: Health): void {
    const backend = this.#backends.get(key);
    if (backend === undefined) return;
    this.#checkup.see(backend, health);
    this.#publish();
  }

  /** What clients made of a backend; a report from before its row became another's is ignored. */
  failed(key: string, slot: number, failure: Failure): void {
    const backend = this.#backends.get(key);
    if (backend?.slot !== slot || !this.#rotation.isServing(backend)) return;
    if (this.#maxFails(backend) === 0) return this.#passive.restore(backend);
    const isBack = this.#passive.heard(backend, failure);
    if (failure.what === 'ejected') this.#rotation.rescue([...this.#backends.values()]);
    if (isBack) {
      this.#slowStart.begin(backend);
      this.#publish();
    } else if (failure.what === 'ejected') this.#note();
  }

  /** Whether it is on the list, or has left it and has connections. */
  has(key: string): boolean {
    return this.#backends.has(key);
  }

  /** In byte order of their keys; those that left the list and still have connections are there too. */
  status(): readonly BackendStatus[] {
    return [...this.#backends.values()].sort(byKey).map((backend) =>
      statusOf(backend, {
        health: backend.health === undefined ? undefined : this.#checkup.latest(backend),
        isServing: this.#rotation.isServing(backend),
        probeInMs: this.#passive.probeInMs(backend),
        warmupFactor: this.#slowStart.share(backend),
        totals: this.#parts.ledger.backendTotals(backend.slot),
        annal: this.#annals.of(backend),
      }),
    );
  }

  /** Of what the pool itself counts. */
  resetCounters(): void {
    this.#annals.reset(this.#backends.values());
  }

  /** Every backend with its row in the ledger, those included that are leaving. */
  slots(): readonly number[] {
    return [...this.#backends.values()].map(({ slot }) => slot);
  }

  stop(): void {
    this.#departures.stop();
    this.#passive.stop();
    this.#slowStart.stop();
    for (const backend of this.#backends.values()) backend.stop();
  }

  /** The list, or an override, has changed. */
  #takeOver(): void {
    this.#isMerging = true;
    try {
      for (const spec of this.#listing.specs) this.#merge(spec);
    } finally {
      this.#isMerging = false;
    }
    if (!this.#dropUnlisted()) this.#follow();
  }

  /** @returns false when there is nothing to drop, or not yet */
  #dropUnlisted(): boolean {
    const backends = [...this.#backends.values()];
    const unlisted = backends.filter(({ key, isDiscovered }) => isDiscovered && !this.#listing.has(key));
    if (unlisted.length === 0 || backends.some((each) => this.#isAwaited(each))) return false;
    this.#drop(unlisted);
    this.#follow();
    return true;
  }

  /** Of the next snapshot they are no part. */
  #drop(backends: readonly Backend[]): void {
    for (const backend of backends) {
      backend.isDiscovered = false;
      this.#departures.leave(backend, this.#snapshot.version + 1);
    }
  }

  #isAwaited({ key, hasHeard }: Backend): boolean {
    return this.#listing.has(key) && !hasHeard;
  }

  /** The addresses of a backend are known, or known to be unknown, or have changed. */
  #heard(): void {
    if (!this.#isMerging && !this.#dropUnlisted()) this.#publish();
  }

  #merge(spec: BackendSpec): void {
    const known = this.#backends.get(backendKey(spec));
    if (known === undefined) return this.#add(spec);
    this.#change(known, () => (known.spec = spec));
    known.isDiscovered = true;
    this.#departures.stay(known);
    this.#forgive(known);
  }

  #add(spec: BackendSpec): void {
    const backend = new Backend(spec, { slot: this.#parts.ledger.allocate(), serial: ++this.#serials });
    this.#listing.mark(backend);
    this.#backends.set(backend.key, backend);
    backend.resolve(
      this.#parts.names,
      () => this.#heard(),
      (error) => {
        this.#tell({ type: 'unresolved', backend: backend.key, error });
        this.#dropUnlisted();
      },
    );
  }

  /** Changes what may change the backend's state, and tells if it did. */
  #change(backend: Backend, change: () => void): void {
    const before = backend.state;
    change();
    const { key, state, override } = backend;
    if (state === before) return;
    this.#tell({ type: 'state', backend: key, state, isOverride: override.state !== undefined });
  }

  /** Failures that do not count are none. */
  #forgive(backend: Backend): void {
    if (this.#maxFails(backend) === 0 && this.#passive.isSuspected(backend)) this.#passive.restore(backend);
  }

  #maxFails(backend: Backend): number {
    return this.#rotation.isPanic ? 0 : this.#passive.maxFails(backend);
  }

  /** Lists or states have changed. */
  #follow(): void {
    this.#checkup.watch([...this.#backends.values()]);
    this.#publish();
  }

  #publish(): void {
    const backends = [...this.#backends.values()];
    const fallen = this.#rotation.look(backends);
    const electable = backends.filter((each) => this.#rotation.isServing(each) && each.addresses !== undefined);
    const candidates = candidatesOf(electable, {
      share: (backend) => this.#slowStart.share(backend),
      maxFails: (backend) => this.#maxFails(backend),
    });
    this.#snapshot = { version: this.#snapshot.version + 1, backends: candidates };
    this.#note();
    this.#parts.publish(this.#snapshot);
    for (const { slot } of fallen) this.#parts.close(slot);
    this.#departures.sweep();
  }

  /** Who gets clients may have changed. */
  #note(): void {
    for (const backend of this.#backends.values()) this.#annals.note(backend, this.#obstacle(backend));
  }

  #obstacle(backend: Backend): UnavailableReason | undefined {
    const [isServing, probeInMs] = [this.#rotation.isServing(backend), this.#passive.probeInMs(backend)];
    return obstacleOf(backend, { isServing, probeInMs });
  }

  #tell(event: PoolEvent): void {
    const backend = 'backend' in event ? this.#backends.get(event.backend) : undefined;
    if (backend !== undefined) this.#annals.count(backend, event);
    this.#parts.tell(event);
  }

  /** Its row may be another's now. */
  #gone(backend: Backend): void {
    this.#backends.delete(backend.key);
    backend.stop();
    this.#parts.ledger.release(backend.slot);
  }
}
