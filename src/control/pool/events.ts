import type { BackendState } from '../../core/backend.ts';
import type { Health } from '../../core/healthcheck.ts';

/** What happens to the backends of a server. Each change is told once. */
export type PoolEvent =
  /** Its last known addresses, if any, stay in use. */
  | { readonly type: 'unresolved'; readonly backend: string; readonly error: Error }
  | { readonly type: 'down' | 'up'; readonly backend: string; readonly health: Health }
  /** It failed too often. @property isFirst false where it was ejected already, and its probe failed */
  | {
      readonly type: 'ejected';
      readonly backend: string;
      /** Of the last failure: `ECONNREFUSED`, … */
      readonly code: string;
      readonly failTimeoutMs: number;
      readonly isFirst: boolean;
    }
  /** One client may probe it. @property isFirst false where a probe has failed since it was ejected */
  | { readonly type: 'probing'; readonly backend: string; readonly isFirst: boolean }
  /** It gets clients again after it was ejected. */
  | { readonly type: 'restored'; readonly backend: string }
  /** No backend was left to send a client to, so all get clients again. */
  | { readonly type: 'all-ejected' }
  | { readonly type: 'state'; readonly backend: string; readonly state: BackendState; readonly isOverride: boolean }
  /** @property live backends of so many that the checks let live */
  | { readonly type: 'panic' | 'panic-over'; readonly live: number; readonly backends: number };

export type Tell = (event: PoolEvent) => void;
