import { balancers, type BalanceKind } from '../../balance/registry.ts';
import { selectionOf } from '../../balance/selection.ts';
import { NO_BACKEND, type Selection } from '../../core/balancer.ts';
import type { ClientAddress, ProxiedPair } from '../../core/engine.ts';
import type { Random } from '../../core/random.ts';
import type { Asked } from '../../core/server-names.ts';
import type { Candidate, Snapshot } from '../../core/snapshot.ts';
import type { ThreadLedger } from '../../ledger/thread-ledger.ts';

import { BackendCapacity, type Widening } from './capacity.ts';
import { contextOf } from './client-context.ts';
import type { Clients } from './clients.ts';
import type { OutlierDetection } from './outlier-detection.ts';
import { type Route, Routes } from './routes.ts';
import type { ServerSettings } from './settings.ts';
import { Turns } from './turns.ts';

const NONE: readonly never[] = [];

const IGNORING_WARMUP: Widening = { ignoresWarmup: true };
const INCLUDING_EJECTED: Widening = { includesEjected: true, ignoresWarmup: true };

/** A connection that a backend is elected for. */
export interface Electing extends Asked {
  readonly pair: ProxiedPair;
  readonly clientAddress: ClientAddress;
  /** The entry of its client, if that is tracked. */
  readonly clientEntry: number;
  /** Backends that failed it. */
  readonly tried: readonly Candidate[];
}

export interface PickerParts {
  readonly ledger: ThreadLedger;
  readonly random: Random;
  readonly clients: Clients;
  readonly outliers: OutlierDetection;
  readonly settings: ServerSettings;
}

/**
 * Elects a backend for a connection and reserves a place at it in the same step: the backend that the client sticks to,
 * if that has room; else what the strategy says; and where all backends are ejected, what it says of those. Each
 * reservation is given back exactly once.
 */
export class Picker {
  readonly #ledger: ThreadLedger;
  readonly #random: Random;
  readonly #clients: Clients;
  readonly #outliers: OutlierDetection;
  readonly #settings: ServerSettings;
  readonly #capacity: BackendCapacity;
  readonly #turns = new Turns();
  #bySlot: ReadonlyMap<number, Candidate> = new Map();
  #bySerial: ReadonlyMap<number, Candidate> = new Map();
  #context = contextOf('');
  #routes = new Routes({ version: 0, backends: [] }, undefined);
  /** Of the client that is elected for. */
  #route = this.#routes.all;
  #kind: BalanceKind = 'weight';
  /** Whether failures count at any backend. */
  #mayBeEjected = false;
  /** Whether any backend that starts slowly holds back a part of its limit. */
  #isWarmingUp = false;

  constructor({ ledger, random, clients, outliers, settings }: PickerParts) {
    this.#ledger = ledger;
    this.#random = random;
    this.#clients = clients;
    this.#outliers = outliers;
    this.#settings = settings;
    this.#capacity = new BackendCapacity(ledger);
  }

  /** Elects from these backends from now on. */
  prepare(snapshot: Snapshot, kind: BalanceKind): void {
    const { backends } = snapshot;
    this.#ledger.refresh();
    this.#bySlot = new Map(backends.map((candidate) => [candidate.slot, candidate]));
    this.#bySerial = new Map(backends.map((candidate) => [candidate.serial, candidate]));
    this.#mayBeEjected = backends.some(({ maxFails }) => maxFails > 0);
    this.#isWarmingUp = backends.some(
      ({ maxConnections, fullMaxConnections }) => maxConnections !== fullMaxConnections,
    );
    this.#capacity.prepare(backends);
    this.#routes = new Routes(snapshot, this.#settings.limits.serverNames);
    this.#kind = kind;
    // Other routes are made ready when their first client comes.
    if (this.#settings.limits.serverNames === undefined) this.#selectionOf(this.#routes.all);
  }

  /** Whether any backend, be it down or full, is for such clients. */
  expects(asked: Asked): boolean {
    return this.#routes.of(asked) !== undefined;
  }

  /** Whether any backend asks for the protocols of its clients. */
  get wantsProtocols(): boolean {
    return this.#routes.wantProtocols;
  }

  /** @param except backends that do not come into question @returns undefined when no other backend has room */
  elect(electing: Electing, except = electing.tried): Candidate | undefined {
    const { pair, clientEntry, clientAddress, tried } = electing;
    const route = this.#routes.of(electing);
    if (route === undefined) return undefined;
    this.#context = contextOf(clientAddress);
    this.#turns.isFirst = tried.length === 0;
    this.#route = route;
    const backend = this.#clients.sticks(clientEntry) ? this.#electSticky(clientEntry, except) : this.#electAny(except);
    if (backend !== undefined && this.#capacity.wasProbe) this.#outliers.probes(pair, backend);
    return backend;
  }

  giveBack(pair: ProxiedPair, backend: Candidate): void {
    this.#outliers.left(pair, backend);
    this.#capacity.giveBack(backend.slot);
  }

  /** Whether there is a backend that gets such clients, be it full. @param tried backends that do not count */
  isUp(asked: Asked, tried: readonly Candidate[]): boolean {
    const route = this.#routes.of(asked);
    return route !== undefined && this.#isUp(route, tried);
  }

  #isUp({ candidates }: Route, tried: readonly Candidate[]): boolean {
    if (!this.#mayBeEjected && tried.length === 0) return candidates.length > 0;
    const slots = this.#slotsOf(tried);
    return candidates.some(({ slot }) => !slots.includes(slot) && this.#ledger.isInService(slot));
  }

  /** Lists of several routes may hold the same backends: each has cursors of its own. */
  #selectionOf(route: Route): Selection {
    return (route.selection ??= selectionOf(route.candidates, balancers[this.#kind], {
      random: this.#random,
      cursors: (tier) => this.#turns.cursor(this.#ledger.cursor(route.firstCursor + tier), route.firstCursor + tier),
    }));
  }

  #electSticky(clientEntry: number, tried: readonly Candidate[]): Candidate | undefined {
    const from = this.#clients.stuckTo(clientEntry);
    const backend = (from > 0 ? this.#electOnly(from, tried) : undefined) ?? this.#electAny(tried);
    if (backend === undefined || backend.serial === from) return backend;
    const wasProbe = this.#capacity.wasProbe;
    const stuckTo = this.#clients.stick(clientEntry, { from, to: backend.serial });
    return stuckTo === backend.serial || wasProbe ? backend : this.#electInstead(backend, stuckTo, tried);
  }

  /** Several connections of a new client came at once: another thread has made it stick to another backend meanwhile. */
  #electInstead(backend: Candidate, serial: number, tried: readonly Candidate[]): Candidate {
    const other = this.#electOnly(serial, tried);
    if (other === undefined) return backend;
    this.#capacity.giveBack(backend.slot);
    return other;
  }

  /** The backend of this serial, if it has room. */
  #electOnly(serial: number, tried: readonly Candidate[]): Candidate | undefined {
    const candidate = this.#bySerial.get(serial);
    if (candidate === undefined || !this.#route.has(candidate.slot)) return undefined;
    this.#capacity.begin(this.#slotsOf(tried));
    return this.#capacity.reserve(candidate.slot) ? candidate : undefined;
  }

  /**
   * Where none has room, those that start slowly take more than their part, rather than that a client is turned away; and
   * where all are ejected, it falls back to those, as nginx does, unless clients wait for one to come up.
   */
  #electAny(tried: readonly Candidate[]): Candidate | undefined {
    const backend = this.#electFrom(tried) ?? (this.#isWarmingUp ? this.#electFrom(tried, IGNORING_WARMUP) : undefined);
    if (backend !== undefined) return backend;
    if (this.#settings.limits.queue.whenDown || !this.#mayBeEjected || this.#isUp(this.#route, NONE)) return undefined;
    return this.#electFrom(tried, INCLUDING_EJECTED);
  }

  /** @param widening of a second election for the same connection, which takes nobody's turn */
  #electFrom(tried: readonly Candidate[], widening?: Widening): Candidate | undefined {
    this.#capacity.begin(this.#slotsOf(tried), widening);
    if (widening !== undefined) this.#turns.isFirst = false;
    const slot = this.#selectionOf(this.#route).elect(this.#context, this.#capacity);
    return slot === NO_BACKEND ? undefined : this.#bySlot.get(slot);
  }

  /** A backend that was tried may have left since, and its slot be another's. */
  #slotsOf(backends: readonly Candidate[]): readonly number[] {
    if (backends.length === 0) return NONE;
    return backends.filter(({ serial }) => this.#bySerial.has(serial)).map(({ slot }) => slot);
  }
}
