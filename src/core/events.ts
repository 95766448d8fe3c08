/** Something that happened to the balancer, for its observers. Plain data; `at` is milliseconds since the epoch. */
export type ControlEvent = { readonly at: number } & (
  | BackendEvent
  /** Every backend of a server was ejected, or checks are ignored because too few pass, or are heeded again. */
  | { readonly type: 'server'; readonly server: string; readonly what: 'all-ejected' | 'panic' | 'panic-over' }
  /** The configuration in force has changed: names of servers. */
  | {
      readonly type: 'reloaded';
      readonly added: readonly string[];
      readonly changed: readonly string[];
      readonly removed: readonly string[];
    }
  /** An operator changed something while it runs. @property what one line: `drained web/127.0.0.1:80` */
  | { readonly type: 'changed'; readonly by: string; readonly what: string }
  | { readonly type: 'reset'; readonly server?: string }
);

/** A backend has changed. @property reason one line, for people */
export interface BackendEvent {
  readonly type: 'backend';
  readonly server: string;
  readonly backend: string;
  readonly what: 'up' | 'down' | 'ejected' | 'probing' | 'restored' | 'state' | 'unresolved';
  readonly reason: string;
}

/** A receiver of events, in the order in which they happen. */
export interface Events {
  /** @returns what ends it */
  subscribe(listener: (event: ControlEvent) => void): () => void;
  /** The last ones, oldest first; bounded. */
  readonly recent: readonly ControlEvent[];
}
