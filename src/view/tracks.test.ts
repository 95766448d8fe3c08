import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SAMPLES, Tracks } from './tracks.ts';
import type { BackendJson, ServerJson, SnapshotJson } from './wire.ts';

const START = Date.UTC(2026, 0, 31);
const BACKEND = '10.0.0.1:80';

/** What a track reads of a snapshot. */
function snapshot(ms: number, connections: number, ...backends: readonly string[]): SnapshotJson {
  const rates = { connections, peak_connections: 0, rx: 0, tx: 0 };
  const each = backends.map((key) => ({ key, rates }) as Partial<BackendJson> as BackendJson);
  const server = { name: 'web', rates, backends: each } as Partial<ServerJson> as ServerJson;
  return { at: new Date(START + ms).toISOString(), servers: [server] } as Partial<SnapshotJson> as SnapshotJson;
}

function tracked(...snapshots: readonly SnapshotJson[]): Tracks {
  const tracks = new Tracks();
  for (const each of snapshots) tracks.keep(each);
  return tracks;
}

test('each second of the last minute is kept', () => {
  const seconds = Array.from({ length: 70 }, (_, second) => snapshot(second * 1000, second));
  const connections = tracked(...seconds).newConnections('web') ?? [];
  assert.deepEqual([connections.length, connections[0], connections.at(-1)], [SAMPLES, 10, 69]);
  assert.equal(tracked(...seconds).newConnections('other'), undefined);
});

test('a removed server is forgotten, and begins anew when it comes back', () => {
  const tracks = tracked(snapshot(0, 1, BACKEND), snapshot(1000, 2));
  assert.equal(tracks.newConnections('web', BACKEND), undefined);
  tracks.keep(snapshot(2000, 3, BACKEND));
  assert.deepEqual([tracks.newConnections('web', BACKEND), tracks.newConnections('web')], [[3], [1, 2, 3]]);
});

test('a snapshot that comes with a new stream is no second of its own, and one that is left out no gap', () => {
  const times = [0, 100, 1000, 3000].map((ms, index) => snapshot(ms, index));
  assert.deepEqual(tracked(...times).newConnections('web'), [0, 2, 3]);
});

test('what was before a gap is not joined to what is after it, nor after the clock was set back', () => {
  assert.deepEqual(
    tracked(snapshot(0, 1), snapshot(3_600_000, 2), snapshot(3_601_000, 3)).newConnections('web'),
    [2, 3],
  );
  assert.deepEqual(tracked(snapshot(9000, 1), snapshot(0, 2)).newConnections('web'), [2]);
});
