import type { RatesJson, SnapshotJson } from '../view/wire.ts';

/** A minute, of which a sparkline shows each second. */
export const SAMPLES = 60;

/** What was measured of one thing, oldest first. */
export interface Samples {
  readonly sessions: number[];
  readonly rx: number[];
  readonly tx: number[];
}

const tracks = new Map<string, Samples>();

export function serverSamples(server: string): Samples | undefined {
  return tracks.get(keyOf(server));
}

export function backendSamples(server: string, backend: string): Samples | undefined {
  return tracks.get(keyOf(server, backend));
}

/** Remembers the rates of a snapshot, and forgets who is not in it. */
export function keepSamples({ servers }: SnapshotJson): void {
  const seen = new Set<string>();
  const keep = (key: string, rates: RatesJson): void => {
    seen.add(key);
    const track = tracks.get(key) ?? { sessions: [], rx: [], tx: [] };
    tracks.set(key, track);
    push(track.sessions, rates.sessions);
    push(track.rx, rates.rx);
    push(track.tx, rates.tx);
  };
  for (const { name, rates, backends } of servers) {
    keep(keyOf(name), rates);
    for (const backend of backends) keep(keyOf(name, backend.key), backend.rates);
  }
  for (const key of tracks.keys()) if (!seen.has(key)) tracks.delete(key);
}

function push(samples: number[], value: number): void {
  samples.push(value);
  if (samples.length > SAMPLES) samples.shift();
}

function keyOf(...names: readonly string[]): string {
  return JSON.stringify(names);
}
