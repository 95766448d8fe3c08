import { signal } from '@preact/signals';

import type { ChangeJson } from '../view/change.ts';
import type { InfoJson, SnapshotJson } from '../view/wire.ts';
import { apiUrl, read } from './api.ts';
import { keepSamples } from './samples.ts';

/** Snapshots come once a second. */
const SILENT_AFTER_MS = 5000;
const WATCH_EVERY_MS = 1000;
const RECONNECT_MS = 3000;
const CHANGES_KEPT = 200;

export type Link = 'connecting' | 'live' | 'lost';

export interface NumberedChange {
  readonly id: string;
  readonly change: ChangeJson;
}

export const snapshot = signal<SnapshotJson | undefined>(undefined);
export const info = signal<InfoJson | undefined>(undefined);
export const link = signal<Link>('connecting');
/** When the last snapshot came, in milliseconds since the epoch. */
export const heardAt = signal(0);
/** Newest first. */
export const changes = signal<readonly NumberedChange[]>([]);

let source: EventSource | undefined;
let retry: number | undefined;

/** Takes what is known now, and then what comes, for as long as the page is shown. @throws when nobody answers */
export async function goLive(): Promise<void> {
  const [first, about] = await Promise.all([read<SnapshotJson>('stats'), read<InfoJson>('info')]);
  info.value = about;
  take(first);
  listen();
  document.addEventListener('visibilitychange', () => (document.hidden ? hush() : listen()));
  setInterval(watch, WATCH_EVERY_MS);
}

function listen(): void {
  hush();
  heardAt.value = Date.now();
  source = new EventSource(apiUrl('events'));
  source.addEventListener('open', () => void opened());
  source.addEventListener('snapshot', (event: MessageEvent<string>) => take(JSON.parse(event.data) as SnapshotJson));
  source.addEventListener('change', (event: MessageEvent<string>) =>
    note({ id: event.lastEventId, change: JSON.parse(event.data) as ChangeJson }),
  );
  source.addEventListener('error', lose);
}

/** A page that nobody sees costs the balancer nothing. */
function hush(): void {
  clearTimeout(retry);
  source?.close();
  source = undefined;
}

/** The browser connects again by itself, unless it was answered with something else than a stream. */
function lose(): void {
  link.value = 'lost';
  if (source?.readyState !== EventSource.CLOSED) return;
  clearTimeout(retry);
  retry = setTimeout(listen, RECONNECT_MS);
}

/** After a restart the page that was loaded is not the one that would be now, and its token counts for nothing. */
async function opened(): Promise<void> {
  if (link.value !== 'lost') return;
  const about = await read<InfoJson>('info').catch(() => undefined);
  if (about !== undefined && about.started_at !== info.value?.started_at) location.reload();
}

/** A connection can be dead without a word. */
function watch(): void {
  if (source === undefined || link.value !== 'live' || Date.now() - heardAt.value < SILENT_AFTER_MS) return;
  link.value = 'lost';
  listen();
}

function take(latest: SnapshotJson): void {
  keepSamples(latest);
  heardAt.value = Date.now();
  snapshot.value = latest;
  link.value = 'live';
}

/** After a reconnect the last ones come once more. */
function note(change: NumberedChange): void {
  if (changes.value.some(({ id }) => id === change.id)) return;
  changes.value = [change, ...changes.value].slice(0, CHANGES_KEPT);
}
