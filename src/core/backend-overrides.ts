import { backendKey, type BackendSpec, type BackendState } from './backend.ts';

/** What holds for one backend instead of what its list says; absent is as the list says. */
export interface BackendOverride {
  readonly state?: BackendState;
  readonly weight?: number;
  /** 0 is no limit. */
  readonly maxConnections?: number;
}

/** What holds for a server's backends over what discovery finds. Immutable; replaced as a whole. */
export interface BackendOverrides {
  /** By their keys. A backend that stands here is there as it stands here, whatever is found. */
  readonly added: ReadonlyMap<string, BackendSpec>;
  /** Keys of those that are not used though they are found. */
  readonly removed: ReadonlySet<string>;
  /** By keys, also of backends that are not there now. */
  readonly changed: ReadonlyMap<string, BackendOverride>;
}

export const NO_OVERRIDES: BackendOverrides = { added: new Map(), removed: new Set(), changed: new Map() };

export function isEmpty({ added, removed, changed }: BackendOverrides): boolean {
  return added.size === 0 && removed.size === 0 && changed.size === 0;
}

/** Which backends are to be there: what was found and not removed, in its order, then what was added. */
export function withAddedAndRemoved(
  { added, removed }: BackendOverrides,
  found: readonly BackendSpec[],
): readonly BackendSpec[] {
  if (added.size === 0 && removed.size === 0) return found;
  const kept = found.filter((spec) => {
    const key = backendKey(spec);
    return !removed.has(key) && !added.has(key);
  });
  return [...kept, ...added.values()];
}

/** Overrides that do in one step what these do one after the other. */
export function combined(first: BackendOverrides, then: BackendOverrides): BackendOverrides {
  const added = new Map([...first.added].filter(([key]) => !then.removed.has(key)));
  const changed = new Map([...first.changed].filter(([key]) => !then.added.has(key)));
  for (const [key, spec] of then.added) {
    added.delete(key);
    added.set(key, spec);
  }
  for (const [key, override] of then.changed) changed.set(key, { ...changed.get(key), ...override });
  return { added, removed: new Set([...first.removed, ...then.removed]), changed };
}

/** The list as it is with all that lies over it. */
export function overridden(overrides: BackendOverrides, found: readonly BackendSpec[]): readonly BackendSpec[] {
  if (isEmpty(overrides)) return found;
  return withAddedAndRemoved(overrides, found).map((spec) => ({ ...spec, ...overrides.changed.get(backendKey(spec)) }));
}
