import type { BackendState } from './backend.ts';

export interface PutOptions {
  readonly isNew: boolean;
  /** Absent: not. */
  readonly isStrict?: boolean;
}

/** Who asks for a change, for the log: `api`, login and client as far as they are known. */
export interface Actor {
  readonly via: 'api' | 'page' | 'signal' | 'watch';
  readonly login?: string;
  readonly client?: string;
}

/** Overrides of a backend; null clears one, absent leaves it. */
export interface BackendChange {
  readonly state?: BackendState | null;
  readonly weight?: number | null;
  readonly maxConnections?: number | null;
}

export interface ReloadResult {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
  /** One line each. */
  readonly warnings: readonly string[];
}
