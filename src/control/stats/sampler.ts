import type { BackendStatus } from '../../core/backend-status.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Reading } from '../../core/reading.ts';
import type { ServerStatus } from '../../core/server-status.ts';
import type { BackendStats, History, ServerStats, Stats, StatsSnapshot } from '../../core/stats.ts';
import { HistoryTrack } from './history-track.ts';
import { ProcessWatch } from './process-watch.ts';
import { RateMeter } from './rate-meter.ts';

const EVERY_MS = 1000;

/** What is remembered of one server from second to second. */
interface Track {
  /** Another server of the same name begins anew. */
  readonly since: number;
  readonly meter: RateMeter;
  readonly history: HistoryTrack;
  errors: number;
  backends: ReadonlyMap<string, BackendTrack>;
}

interface BackendTrack {
  readonly since: number;
  readonly meter: RateMeter;
}

/** Looks at everything once a second while it runs, and remembers what takes two looks: rates, peaks, the last hour. */
export class Sampler implements Stats {
  readonly #reading: Pick<Reading, 'servers' | 'backends' | 'threads'>;
  readonly #clock: Clock;
  readonly #listeners = new Set<(snapshot: StatsSnapshot) => void>();
  readonly #process: ProcessWatch;
  #timer: Timer;
  #tracks: ReadonlyMap<string, Track> = new Map();
  #sampledAt: number;
  #latest: StatsSnapshot;

  /** Begins at once. */
  constructor(reading: Pick<Reading, 'servers' | 'backends' | 'threads'>, clock: Clock) {
    this.#reading = reading;
    this.#clock = clock;
    this.#process = new ProcessWatch(clock);
    this.#sampledAt = clock.now();
    this.#latest = this.#sample(0);
    this.#timer = this.#everySecond();
  }

  latest(): StatsSnapshot {
    return this.#latest;
  }

  now(): StatsSnapshot {
    return { ...this.#latest, at: this.#clock.date(), threads: this.#reading.threads(), servers: this.#servers() };
  }

  /** Begins anew: what was counted before is of no second. For when the first servers are there. */
  begin(): void {
    this.#timer.cancel();
    this.#sampledAt = this.#clock.now();
    this.#latest = this.#sample(0);
    this.#timer = this.#everySecond();
  }

  subscribe(listener: (snapshot: StatsSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  history(server: string): History | undefined {
    return this.#tracks.get(server)?.history.history();
  }

  stop(): void {
    this.#timer.cancel();
    this.#process.stop();
    this.#listeners.clear();
  }

  #everySecond(): Timer {
    return this.#clock.every(EVERY_MS, () => this.#tick());
  }

  #tick(): void {
    const now = this.#clock.now();
    this.#latest = this.#sample((now - this.#sampledAt) / 1000);
    this.#sampledAt = now;
    for (const listener of this.#listeners) listener(this.#latest);
  }

  /** @param seconds since the last time; 0 the first time */
  #sample(seconds: number): StatsSnapshot {
    const at = this.#clock.date();
    const tracks = new Map<string, Track>();
    const servers = this.#reading.servers().map((server) => {
      const backends = this.#reading.backends(server.name);
      const track = trackOf(server, backends, this.#tracks.get(server.name));
      if (seconds === 0) begin(track, server, backends);
      tracks.set(server.name, track);
      if (seconds > 0) measure(track, { server, backends, seconds, at });
      return withRates(server, backends, track);
    });
    this.#tracks = tracks;
    return { at, process: this.#process.look(), threads: this.#reading.threads(), servers };
  }

  /** As things stand, with the rates of the last second. */
  #servers(): readonly ServerStats[] {
    return this.#reading.servers().map((server) => {
      const backends = this.#reading.backends(server.name);
      return withRates(server, backends, trackOf(server, backends, this.#tracks.get(server.name)));
    });
  }
}

/** Of one that is seen for the first time: it is as new as that, and all that it has counted is of this second. */
function trackOf({ since }: ServerStatus, backends: readonly BackendStatus[], before: Track | undefined): Track {
  const track =
    before?.since === since
      ? before
      : {
          since,
          meter: new RateMeter(),
          history: new HistoryTrack(),
          errors: 0,
          backends: new Map<string, BackendTrack>(),
        };
  return { ...track, backends: new Map(backends.map((each) => [each.key, backendTrack(each, track.backends)])) };
}

function backendTrack({ key, since }: BackendStatus, known: ReadonlyMap<string, BackendTrack>): BackendTrack {
  const before = known.get(key);
  return before?.since === since ? before : { since, meter: new RateMeter() };
}

/** What was counted before anybody looked is of no second. */
function begin(track: Track, server: ServerStatus, backends: readonly BackendStatus[]): void {
  track.meter.begin(countsOfServer(server));
  for (const backend of backends) track.backends.get(backend.key)?.meter.begin(countsOfBackend(backend));
  track.errors = errorsOf(server);
}

interface Seen {
  readonly server: ServerStatus;
  readonly backends: readonly BackendStatus[];
  readonly seconds: number;
  readonly at: number;
}

function measure(track: Track, { server, backends, seconds, at }: Seen): void {
  const { connections, rx, tx } = track.meter.measure(countsOfServer(server), seconds);
  for (const backend of backends) track.backends.get(backend.key)?.meter.measure(countsOfBackend(backend), seconds);
  const errors = errorsOf(server);
  const { active, waiting } = server.totals;
  track.history.add({ active, waiting, connections, rx, tx, errors: Math.max(0, errors - track.errors) / seconds }, at);
  track.errors = errors;
}

function withRates(server: ServerStatus, backends: readonly BackendStatus[], track: Track): ServerStats {
  return {
    ...server,
    rates: track.meter.rates,
    backends: backends.map((backend): BackendStats => {
      const meter = track.backends.get(backend.key)?.meter;
      if (meter === undefined) throw new RangeError(`backend ${backend.key} has no track`);
      return { ...backend, rates: meter.rates };
    }),
  };
}

function countsOfServer({ totals }: ServerStatus) {
  return { connections: totals.accepted, rx: totals.rx, tx: totals.tx };
}

function countsOfBackend({ totals }: BackendStatus) {
  return { connections: totals.total, rx: totals.rx, tx: totals.tx };
}

/** Clients that got no backend or could not be kept, and dials that failed. */
function errorsOf({ totals }: ServerStatus): number {
  return totals.noBackend + totals.noResources + totals.refused;
}
