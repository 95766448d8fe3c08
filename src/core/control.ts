import type { BackendState } from './backend.ts';
import type { Health } from './healthcheck.ts';

/** What those who look at the running balancer may ask of it, and ask it to do. */
export interface Control {
  /**
   * The backends of a server in byte order of their keys, those included that left the list and still have connections.
   * @throws TslbError TSLB_NO_SUCH_SERVER
   */
  backends(server: string): readonly BackendStatus[];
  /**
   * Sets the state of a backend by hand. It wins over the list's and is kept over reloads, and when the backend leaves
   * the list and comes back, until it is taken back or the server is removed.
   * @param state undefined takes it back
   * @throws TslbError TSLB_NO_SUCH_SERVER or TSLB_NO_SUCH_BACKEND
   */
  setBackendState(server: string, backend: string, state: BackendState | undefined): void;
}

/** What keeps a backend from getting clients. `unlisted`: it is not on the list any more. */
export type Obstacle = 'unlisted' | 'unresolved' | 'draining' | 'disabled' | 'down' | 'aside';

/** One backend at this moment. */
export interface BackendStatus {
  /** `host:port`, by which it is named. */
  readonly key: string;
  readonly state: BackendState;
  readonly isStateByHand: boolean;
  /** Why it gets no clients; absent where it does. */
  readonly obstacle?: Obstacle;
  /** Absent while it is not checked. */
  readonly health?: Health;
  /** Milliseconds until one client may try the backend that was set aside, 0 from then on; absent where it is not. */
  readonly asideMs?: number;
  /** Connections that it holds now. */
  readonly active: number;
  readonly priority: number;
  /** As the list says. */
  readonly weight: number;
  /** As the list says; 0 is no limit. */
  readonly maxConnections: number;
  /** How much of its weight and limit is in force: below 1 while it starts slowly. */
  readonly share: number;
}
