import type { BackendState } from '../../core/backend.ts';
import type { Health } from '../../core/healthcheck.ts';

/** What befalls the backends of a server. Each change is told once. */
export type PoolEvent =
  /** Its last known addresses, if any, stay in use. */
  | { readonly type: 'unresolved'; readonly backend: string; readonly error: Error }
  | { readonly type: 'down' | 'up'; readonly backend: string; readonly health: Health }
  /** It failed too often. @property isNews false where it was tried again, and failed again */
  | {
      readonly type: 'ejected';
      readonly backend: string;
      /** Of the last failure: `ECONNREFUSED`, … */
      readonly code: string;
      readonly failTimeoutMs: number;
      readonly isNews: boolean;
    }
  /** One client may try it. @property isNews false where one has tried it in vain since it was ejected */
  | { readonly type: 'probing'; readonly backend: string; readonly isNews: boolean }
  /** It gets clients again after it was ejected. */
  | { readonly type: 'restored'; readonly backend: string }
  /** There was nobody left to send a client to, so all get clients again. */
  | { readonly type: 'all-ejected' }
  | { readonly type: 'state'; readonly backend: string; readonly state: BackendState; readonly isOverride: boolean }
  /** @property live backends of so many that the checks let live */
  | { readonly type: 'panic' | 'panic-over'; readonly live: number; readonly backends: number };

export type Tell = (event: PoolEvent) => void;
