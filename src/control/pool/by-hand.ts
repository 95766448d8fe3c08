import { backendKey, type BackendSpec, type BackendState } from '../../core/backend.ts';

/** What holds for one backend by hand; absent is as the list says. */
export interface Override {
  readonly state?: BackendState;
  readonly weight?: number;
  /** 0 is no limit. */
  readonly maxConnections?: number;
}

/** What was changed of a server's backends by hand. Immutable; replaced as a whole. */
export interface ByHand {
  /** By their keys. What stands here wins over what is found. */
  readonly added: ReadonlyMap<string, BackendSpec>;
  /** Keys of those that are not used though they are found. */
  readonly removed: ReadonlySet<string>;
  /** By keys, also of backends that are not there now. */
  readonly overrides: ReadonlyMap<string, Override>;
}

export const NOTHING_BY_HAND: ByHand = { added: new Map(), removed: new Set(), overrides: new Map() };

export function isNothing({ added, removed, overrides }: ByHand): boolean {
  return added.size === 0 && removed.size === 0 && overrides.size === 0;
}

/** The list in force: what was found and not removed, in its order, then what was added. */
export function listedBy({ added, removed }: ByHand, found: readonly BackendSpec[]): readonly BackendSpec[] {
  if (added.size === 0 && removed.size === 0) return found;
  const kept = found.filter((spec) => {
    const key = backendKey(spec);
    return !removed.has(key) && !added.has(key);
  });
  return [...kept, ...added.values()];
}
