import type { SnapshotJson } from './wire.ts';

/** A minute, of which a sparkline shows each second. */
export const SAMPLES = 60;
/** Snapshots come once a second, and the first one at any moment. */
const LEAST_GAP_MS = 500;
const MOST_GAP_MS = 2500;

/** What was measured in each of the last seconds, of every server and backend. */
export class Tracks {
  #newConnections: ReadonlyMap<string, readonly number[]> = new Map();
  #at = NaN;

  /** New connections a second, oldest first. */
  newConnections(server: string, backend?: string): readonly number[] | undefined {
    return this.#newConnections.get(keyOf(server, backend));
  }

  /** Remembers the rates of a snapshot, and forgets servers that are not in it. It begins anew after a gap. */
  keep({ at, servers }: SnapshotJson): void {
    const gapMs = Date.parse(at) - this.#at;
    if (gapMs >= 0 && gapMs < LEAST_GAP_MS) return;
    const before = gapMs > 0 && gapMs <= MOST_GAP_MS ? this.#newConnections : new Map<string, readonly number[]>();
    const rates = servers.flatMap((server) => [
      [keyOf(server.name), server.rates.connections] as const,
      ...server.backends.map((backend) => [keyOf(server.name, backend.key), backend.rates.connections] as const),
    ]);
    this.#newConnections = new Map(
      rates.map(([key, rate]) => [key, [...(before.get(key) ?? []), rate].slice(-SAMPLES)]),
    );
    this.#at = Date.parse(at);
  }
}

function keyOf(server: string, backend?: string): string {
  return JSON.stringify([server, backend]);
}
