/** What a server's configuration says to its pool. */
export interface PoolSettings {
  /** Of backends that have none of their own: failures that eject one; 0 counts none. */
  readonly maxFails: number;
  /** Of backends that have none of their own: in which time they count, and for how long one is ejected. */
  readonly failTimeoutMs: number;
  /** Whether clients wait while every backend is down. */
  readonly queuesWhenDown: boolean;
  /** Percentage of live backends below which checks are ignored; 0 is never. */
  readonly panicThreshold: number;
  /** Whether the connections of a backend that goes down or is disabled are cut. */
  readonly closesOnDown: boolean;
  /** 0 is none. */
  readonly slowStartMs: number;
}
