// What the page reads of our API (`/v1`). Types alone: nothing of what checks them reaches the browser.

export type { BackendJson, RatesJson } from '../wire/v1/backend.ts';
export type { ConnectionJson, ConnectionListJson } from '../wire/v1/connection.ts';
export type { ErrorJson } from '../wire/v1/error.ts';
export type { ChangeJson } from '../wire/v1/event.ts';
export type { InfoJson, SnapshotJson } from '../wire/v1/process.ts';
export type { HistoryJson, ServerJson } from '../wire/v1/server.ts';
