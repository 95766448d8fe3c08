import { signal } from '@preact/signals';

import { Tracks } from '../view/tracks.ts';
import type { ChangeJson, InfoJson, SnapshotJson } from '../view/wire.ts';
import { apiUrl, read } from './api.ts';

/** Snapshots come once a second. */
const SILENT_AFTER_MS = 5000;
const WATCH_EVERY_MS = 1000;
const RECONNECT_MS = 3000;
const CHANGES_KEPT = 200;

export type ApiConnection = 'connecting' | 'live' | 'lost';

export interface NumberedChange {
  readonly id: string;
  readonly change: ChangeJson;
}

export const snapshot = signal<SnapshotJson | undefined>(undefined);
/** Of the snapshots until then. */
export const tracks = new Tracks();
export const info = signal<InfoJson | undefined>(undefined);
export const apiConnection = signal<ApiConnection>('connecting');
/** When the last snapshot came, in milliseconds since the epoch. */
export const heardAt = signal(0);
/** Newest first. */
export const changes = signal<readonly NumberedChange[]>([]);

let source: EventSource | undefined;
let retry: number | undefined;
/** In milliseconds since the epoch. */
let listeningSince = 0;

/** Reads the present state, and then each change, for as long as the page is shown. @throws when there is no answer */
export async function goLive(): Promise<void> {
  const [first, about] = await Promise.all([read<SnapshotJson>('stats'), read<InfoJson>('info')]);
  info.value = about;
  take(first);
  if (!document.hidden) listen();
  document.addEventListener('visibilitychange', () => (document.hidden ? hush() : listen()));
  setInterval(watch, WATCH_EVERY_MS);
}

function listen(): void {
  hush();
  listeningSince = Date.now();
  const opening = new EventSource(apiUrl('events'));
  opening.addEventListener('open', () => void opened(opening));
  opening.addEventListener('snapshot', (event: MessageEvent<string>) => take(JSON.parse(event.data) as SnapshotJson));
  opening.addEventListener('change', (event: MessageEvent<string>) =>
    note({ id: event.lastEventId, change: JSON.parse(event.data) as ChangeJson }),
  );
  opening.addEventListener('error', lose);
  source = opening;
}

/** A page in the background costs the balancer nothing. */
function hush(): void {
  clearTimeout(retry);
  source?.close();
  source = undefined;
}

/** The browser connects again by itself, unless it was answered with something else than a stream. */
function lose(): void {
  apiConnection.value = 'lost';
  if (source?.readyState === EventSource.CLOSED) listenAgain();
}

function listenAgain(): void {
  hush();
  apiConnection.value = 'lost';
  retry = setTimeout(listen, RECONNECT_MS);
}

/** After a restart of tslb the loaded page may be of another version, and its token is invalid. */
async function opened(stream: EventSource): Promise<void> {
  try {
    const about = await read<InfoJson>('info');
    if (about.started_at !== info.value?.started_at) location.reload();
  } catch {
    if (stream === source) listenAgain(); // An older stream must not open a second one.
  }
}

/** A dead connection may give no error. */
function watch(): void {
  const silentMs = Date.now() - Math.max(heardAt.value, listeningSince);
  if (source === undefined || apiConnection.value !== 'live' || silentMs < SILENT_AFTER_MS) return;
  apiConnection.value = 'lost';
  listen();
}

function take(latest: SnapshotJson): void {
  tracks.keep(latest);
  heardAt.value = Date.now();
  snapshot.value = latest;
  apiConnection.value = 'live';
}

/** After a reconnect the last ones come once more. */
function note(change: NumberedChange): void {
  if (changes.value.some(({ id }) => id === change.id)) return;
  changes.value = [change, ...changes.value].slice(0, CHANGES_KEPT);
}
